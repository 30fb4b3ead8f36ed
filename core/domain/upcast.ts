type Payload = Readonly<Record<string, unknown>>;
type Upcast = (payload: Payload) => Payload;

/**
 * How older forms of an event become today's: the step at index n turns version n + 1 into n + 2. An event
 * type without an entry is at version 1.
 */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

export const upcasts: Upcasts = {};

/** The version that an event of this type is written in today. */
export function currentVersion(type: string, steps: Upcasts = upcasts): number {
  return 1 + (steps[type]?.length ?? 0);
}

/** Brings a payload that was written in `version` to today's form. */
export function upcast(type: string, version: number, payload: Payload, steps: Upcasts = upcasts): Payload {
  return (steps[type] ?? []).slice(version - 1).reduce((form, step) => step(form), payload);
}

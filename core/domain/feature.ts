import type { BackendName } from "./call/state.ts";
import type { Rejection } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { RoomRef } from "./room.ts";

/** A parsed and enriched request on its way to `decide`. `id` is null where a repeat is harmless. */
export interface Command {
  readonly name: string;
  readonly id: string | null;
}

/** A fact, without its place in the journal. Everything but `type` is its (encrypted) payload. */
export interface DomainEvent {
  readonly type: string;
}

/** A fact in its place. `at` is milliseconds since the epoch, `by` the person or "system". */
export interface Recorded<E extends DomainEvent = DomainEvent> {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly event: E;
}

export type Decision<E extends DomainEvent = DomainEvent> =
  | { readonly ok: true; readonly events: readonly E[] }
  | { readonly ok: false; readonly rejection: Rejection };

/** The next thing a room does by itself: at `at` (ms), the system issues `command`. */
export interface Due<C extends Command = Command> {
  readonly at: number;
  readonly command: C;
}

/** Another room, a backend that carries calls, or whoever makes the files of a recording. */
export type ErrandTarget =
  | RoomRef
  | { readonly kind: "media"; readonly id: BackendName }
  | { readonly kind: "recordings"; readonly id: string };

/**
 * Something that a room has to have done elsewhere: in another room, or by a backend. It is outstanding for as long as the state lists
 * it: it is sent again after every failure that may pass, also by the next owner after a crash.
 */
export interface Errand<To extends ErrandTarget = ErrandTarget> {
  /** The id of the request there, so that a repeat does nothing more. */
  readonly id: string;
  readonly to: To;
  readonly name: string;
  /** The room it comes from is added as `from`. */
  readonly payload: object;
  /** Make the other room if there is none yet; encrypted under the key of this person. */
  readonly make?: { readonly subject: string };
  /** So often it is tried until a refusal is taken for one; once, where it is left out. */
  readonly tries?: number;
  /** What our own room is told once it is known how it went; null: nothing more. */
  settle(outcome: ErrandOutcome): Command | null;
}

/** `answer`: what was said there, where that matters. Refused is refused for good, and nothing has changed there. */
export type ErrandOutcome =
  | { readonly ok: true; readonly answer?: string | null }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * A capability of a room: what may be asked, what then happened, what follows. All of it is pure; time,
 * identity and looked-up facts come in as arguments.
 *
 * `decide` may refuse; `evolve` is total and never does. A room kind is a composition of features.
 */
export interface Feature<
  S,
  C extends Command,
  E extends DomainEvent,
  /** What it decides, where that also concerns another feature of the room. */
  D extends DomainEvent = E,
> {
  readonly name: string;
  readonly initial: S;
  ownsCommand(command: Command): command is C;
  ownsEvent(event: DomainEvent): event is E;
  decide(state: S, command: C, by: Principal, now: number): Decision<D>;
  evolve(state: S, recorded: Recorded<E>): S;
  due(state: S): Due<C> | null;
  /** What has to be done elsewhere, now. */
  errands?(state: S): readonly Errand[];
}

/** A feature mounted in a room kind: it works on the whole room's state and skips what is not its own. */
export interface Part<Root> {
  readonly name: string;
  decide(root: Root, command: Command, by: Principal, now: number): Decision | null;
  evolve(root: Root, recorded: Recorded): Root;
  due(root: Root): Due | null;
  errands(root: Root): readonly Errand[];
}

export interface Lens<Root, S> {
  get(root: Root): S;
  set(root: Root, state: S): Root;
}

/** Mounts a feature at its place in a room's state. */
export function mount<Root, S, C extends Command, E extends DomainEvent, D extends DomainEvent>(
  feature: Feature<S, C, E, D>,
  lens: Lens<Root, S>,
): Part<Root> {
  return {
    name: feature.name,
    decide: (root, command, by, now) =>
      feature.ownsCommand(command) ? feature.decide(lens.get(root), command, by, now) : null,
    evolve: (root, recorded) => {
      const { event } = recorded;
      if (!feature.ownsEvent(event)) return root;
      const before = lens.get(root);
      const after = feature.evolve(before, { ...recorded, event });
      return after === before ? root : lens.set(root, after);
    },
    due: (root) => feature.due(lens.get(root)),
    errands: (root) => feature.errands?.(lens.get(root)) ?? [],
  };
}

/** The pure half of a room kind, as the actor, recovery, projections and tests all use it. */
export interface Behaviour<Root> {
  readonly initial: Root;
  /** null: no feature of this kind knows the command. */
  decide(root: Root, command: Command, by: Principal, now: number): Decision | null;
  evolve(root: Root, recorded: Recorded): Root;
  due(root: Root): Due | null;
  errands(root: Root): readonly Errand[];
}

export function compose<Root>(initial: Root, parts: readonly Part<Root>[]): Behaviour<Root> {
  return {
    initial,
    decide: (root, command, by, now) => {
      for (const part of parts) {
        const decision = part.decide(root, command, by, now);
        if (decision) return decision;
      }
      return null;
    },
    evolve: (root, recorded) => parts.reduce((state, part) => part.evolve(state, recorded), root),
    due: (root) =>
      parts.reduce<Due | null>((soonest, part) => {
        const next = part.due(root);
        return next && (!soonest || next.at < soonest.at) ? next : soonest;
      }, null),
    errands: (root) => parts.flatMap((part) => part.errands(root)),
  };
}

export function accept<E extends DomainEvent>(...events: readonly E[]): Decision<E> {
  return { ok: true, events };
}

export function refuse<E extends DomainEvent = never>(rejection: Rejection): Decision<E> {
  return { ok: false, rejection };
}

import type { CallPerson, CallSnapshot, ParticipantView } from "../../../../sdk/types.ts";

/** One picture on the stage: of a person, or of their screen. */
export interface Tile {
  readonly key: string;
  readonly kind: "person" | "screen";
  readonly person: CallPerson;
  readonly name: string;
}

export interface Stage {
  /** What everybody looks at; null: nobody else is there. */
  readonly main: Tile | null;
  /** The others. */
  readonly side: readonly Tile[];
}

/**
 * A screen is looked at before a face, whoever `leads` the talk before others, and before anybody has spoken the
 * clinician. Beside it everyone keeps their place.
 */
export function stageOf(
  { people }: Pick<CallSnapshot, "people">,
  participants: readonly ParticipantView[],
  leads: string | null = null,
): Stage {
  const known = new Map(participants.map((one) => [one.person, one]));
  const tiles = people.flatMap((person): Tile[] => {
    const name = known.get(person.person)?.name ?? "";
    const face: Tile = { key: `${person.person} face`, kind: "person", person, name };
    return person.screen ? [{ ...face, key: `${person.person} screen`, kind: "screen" }, face] : [face];
  });
  const rank = ({ kind, person }: Tile) =>
    kind === "screen" ? 0 : known.get(person.person)?.role === "clinician" ? 1 : 2;
  const sorted = tiles.toSorted((a, b) => rank(a) - rank(b));
  const leader = sorted.find(({ kind, person }) => kind === "person" && person.person === leads);
  const main = sorted.find(({ kind }) => kind === "screen") ?? leader ?? sorted[0] ?? null;
  return { main, side: sorted.filter((tile) => tile !== main) };
}

/** Whoever has spoken last, for as long as it takes to be sure that somebody else does. */
export interface Lead {
  readonly person: string | null;
  readonly speaks: boolean;
  /** Nobody takes it before then (ms). */
  readonly until: number;
}

export const nobodyLeads: Lead = { person: null, speaks: false, until: 0 };
/** A pause in what somebody says is not yet its end (ms). */
const calm = 2_000;

/** Who leads after one more look. It passes to somebody else at most every two seconds, and never while one speaks. */
export function leadAfter(
  before: Lead,
  people: readonly Pick<CallPerson, "person" | "speaking">[],
  now: number,
): Lead {
  const { person } = before;
  const speakers = people.filter(({ speaking }) => speaking);
  if (speakers.some((one) => one.person === person)) return { person, speaks: true, until: now + calm };
  const here = people.some((one) => one.person === person);
  const until = before.speaks ? now + calm : before.until;
  const [next] = speakers;
  if (here && (now < until || !next)) return { person, speaks: false, until };
  return next ? { person: next.person, speaks: true, until: now + calm } : nobodyLeads;
}

/** How the stage is laid out: one picture beside the others, or all of one size, me among them. */
export type Layout = "main" | { readonly columns: number; readonly rows: number };

/** Narrower than this (px) faces of one size would be too small. */
const wide = 560;
const mostCells = 9;

export function layoutOf({ main, side }: Stage, width: number): Layout {
  const cells = side.length + 2;
  const alike = main?.kind === "person" && side.every(({ kind }) => kind === "person");
  if (!alike || side.length === 0 || width < wide || cells > mostCells) return "main";
  const columns = cells <= 4 ? 2 : 3;
  return { columns, rows: Math.ceil(cells / columns) };
}

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

/** A screen is looked at before a face, and the clinician before others. */
export function stageOf(
  { people }: Pick<CallSnapshot, "people">,
  participants: readonly ParticipantView[],
): Stage {
  const known = new Map(participants.map((one) => [one.person, one]));
  const tiles = people.flatMap((person): Tile[] => {
    const name = known.get(person.person)?.name ?? "";
    const face: Tile = { key: `${person.person} face`, kind: "person", person, name };
    return person.screen ? [{ ...face, key: `${person.person} screen`, kind: "screen" }, face] : [face];
  });
  const rank = ({ kind, person }: Tile) =>
    kind === "screen" ? 0 : known.get(person.person)?.role === "clinician" ? 1 : 2;
  const [main = null, ...side] = tiles.toSorted((a, b) => rank(a) - rank(b));
  return { main, side };
}

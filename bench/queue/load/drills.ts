import type { Line, Waiting } from "./line.ts";

/** What a patient has to be told: their place (null: they have none any more) and what is done with them. */
export interface Told {
  readonly place: number | null;
  readonly status: string;
  /** Beside their place they are told that they are called. */
  readonly called?: boolean;
}

/** One command, and everything that has to follow from it. */
export interface Step {
  readonly name: string;
  /** Without the command's id. */
  readonly payload: object;
  /** The patient who sends it; null: any of the staff. */
  readonly by: string | null;
  /** Exactly these patients are told, of those who are connected. */
  readonly told: ReadonlyMap<string, Told>;
  /** The entry that every staff screen then shows with this status; null: no longer. */
  readonly shown: { readonly patient: string; readonly status: string | null };
  /** Brings the line up to what only the server could say. */
  readonly after?: () => void;
}

export const drillNames = ["status", "move", "prioritise", "leave"] as const;
export type DrillName = (typeof drillNames)[number];

/** What the commands are chosen from. */
export interface Scene {
  readonly line: Line;
  /** Patients who are connected. */
  readonly connected: ReadonlySet<string>;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  /** Who waits, as the staff see it after the last step. */
  readonly seen: (patient: string) => Waiting;
}

/** So many commands make a cycle, after which the queue is as it was before. */
export const cycle: Readonly<Record<DrillName, number>> = { status: 4, move: 2, prioritise: 2, leave: 2 };

/** Commands without end, each decided when the one before is done. */
export const drills: Readonly<Record<DrillName, (scene: Scene) => Generator<Step, never, undefined>>> = {
  *status(scene) {
    for (;;) {
      for (const [name, status] of [
        ["queue.call", "called"],
        ["queue.hold", "held"],
      ] as const) {
        const { one, place } = anyone(scene);
        yield statusStep(name, one, { place, status, called: status === "called" });
        yield statusStep("queue.resume", one, { place, status: "waiting" });
      }
    }
  },

  /** The last one before the middle one, and to the end again. */
  *move(scene) {
    const { line } = scene;
    for (;;) {
      const one = line.at(line.length - 1);
      for (const before of [line.at(line.length >> 1), null]) {
        const payload = { entry: one.entry, before: before?.entry ?? null, reason: "As the bench wants it" };
        const changes = line.changes(() => line.moveBefore(one, before));
        yield reorderStep("queue.move", one, { payload, told: toldOf(scene, changes) });
      }
    }
  },

  /** The last one first, and back to where they belong. */
  *prioritise(scene) {
    const { line } = scene;
    for (;;) {
      let one = line.at(line.length - 1);
      for (const priority of ["urgent", "normal"] as const) {
        const payload = { entry: one.entry, priority, reason: "As the bench wants it" };
        const changes = line.changes(() => {
          one = line.prioritise(one, priority);
        });
        yield reorderStep("queue.prioritise", one, { payload, told: toldOf(scene, changes) });
      }
    }
  },

  /** The foremost who is connected leaves, and joins again at the end. */
  *leave(scene) {
    const { line, connected, seen } = scene;
    for (;;) {
      const one = line.find(({ patient }) => connected.has(patient));
      const { patient } = one;
      const told = toldOf(
        scene,
        line.changes(() => line.leave(one)),
      );
      yield { name: "queue.leave", payload: {}, by: patient, told, shown: { patient, status: null } };
      const place = line.length + 1;
      yield {
        name: "queue.join",
        payload: { reason: "Cough" },
        by: patient,
        told: new Map([[patient, { place, status: "waiting" }]]),
        shown: { patient, status: "waiting" },
        after: () => line.join(seen(patient)),
      };
    }
  },
};

/** Anyone connected, so that the command costs what telling them costs, however many are not. */
function anyone({ line, connected, random }: Scene): { one: Waiting; place: number } {
  for (;;) {
    const index = Math.floor(random() * line.length);
    const one = line.at(index);
    if (connected.has(one.patient)) return { one, place: index + 1 };
  }
}

function statusStep(name: string, { entry, patient }: Waiting, told: Told): Step {
  const shown = { patient, status: told.status };
  return { name, payload: { entry }, by: null, told: new Map([[patient, told]]), shown };
}

function reorderStep(
  name: string,
  { patient }: Waiting,
  what: { readonly payload: object; readonly told: Step["told"] },
): Step {
  return { name, ...what, by: null, shown: { patient, status: "waiting" } };
}

function toldOf({ connected }: Scene, changes: ReadonlyMap<string, number | null>): Step["told"] {
  const told = new Map<string, Told>();
  for (const [patient, place] of changes) {
    if (connected.has(patient)) told.set(patient, { place, status: place === null ? "none" : "waiting" });
  }
  return told;
}

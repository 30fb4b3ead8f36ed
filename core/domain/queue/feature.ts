import type { Due, Errand, Feature } from "../feature.ts";
import { isQueueCommand, type QueueCommand } from "./commands.ts";
import { decideQueue } from "./decide.ts";
import { isQueueEvent, type QueueEvent } from "./events.ts";
import { evolveQueue } from "./evolve.ts";
import { initialQueue, type QueueState } from "./state.ts";

/** Patients who wait, and a team that sees them: one shared, ordered, live list. */
export const queue: Feature<QueueState, QueueCommand, QueueEvent> = {
  name: "queue",
  initial: initialQueue,
  ownsCommand: isQueueCommand,
  ownsEvent: isQueueEvent,
  decide: decideQueue,
  evolve: evolveQueue,
  due: queueDue,
  errands: queueErrands,
};

function queueDue(state: QueueState): Due<QueueCommand> | null {
  const next = state.deadlines.first()?.[1];
  if (!next) return null;
  const { at, kind, entry } = next;
  const id = commandIdOf(`due ${state.dues} ${kind} ${entry ?? "queue"}`);
  return { at, command: { name: "queue.due", id, at, kind } };
}

/** One for every entry that is on its way. */
function queueErrands(state: QueueState): readonly Errand[] {
  return [...state.leaving].flatMap(([id, { transfer, to, by, clinician, phase }]) => {
    const entry = state.entries.get(id);
    if (!entry) return [];
    const settle = (code: string | null): QueueCommand => ({
      name: "queue.settle",
      id: commandIdOf(`settle ${transfer} ${phase}`),
      entry: id,
      transfer,
      phase,
      code,
    });
    const kind = to.kind === "waiting" ? "queue" : "visit";
    const make = to.kind === "waiting" ? {} : { make: { subject: entry.patient } };
    if (phase === "returning") {
      return {
        id: commandIdOf(`decline ${transfer}`),
        to,
        name: `${kind}.decline`,
        payload: { id: commandIdOf(`decline ${transfer}`), transfer },
        ...make,
        // Refused means that it has arrived; or that there is nothing there that it could arrive in.
        settle: (outcome) =>
          settle(!outcome.ok && outcome.rejection.code === "already_exists" ? null : "unavailable"),
      };
    }
    const { patient, name, reason, language, needs, checkIn, priority, waitingSince, visit } = entry;
    const request = commandIdOf(`arrive ${transfer}`);
    const what = {
      id: request,
      transfer,
      entry: id,
      patient,
      patientName: name,
      reason,
      language,
      needs,
      by,
    };
    return {
      id: request,
      to,
      name: `${kind}.arrive`,
      payload:
        to.kind === "waiting"
          ? { ...what, checkIn, priority, waitingSince, visit }
          : { ...what, visit: to.id, clinician },
      ...make,
      settle: (outcome) => settle(outcome.ok ? null : outcome.rejection.code),
    };
  });
}

/** Command ids are 8 to 64 letters, digits, - or _. */
function commandIdOf(words: string): string {
  return words.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
}

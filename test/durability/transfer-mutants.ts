import type { DomainEvent } from "../../core/domain/feature.ts";
import { isQueueCommand, type QueueCommand } from "../../core/domain/queue/commands.ts";
import type { RoomKind } from "../../rooms/actor/room-kind.ts";
import type { Mutant } from "./clinic-world.ts";

type Decide<Root> = RoomKind<Root>["behaviour"]["decide"];

function deciding<Root>(
  kind: RoomKind<Root>,
  change: (decide: Decide<Root>) => Decide<Root>,
): RoomKind<Root> {
  const { behaviour } = kind;
  return { ...kind, behaviour: { ...behaviour, decide: change(behaviour.decide) } };
}

/** Changes what is decided of commands of these names. */
function changing<Root>(names: readonly string[], change: (events: readonly DomainEvent[]) => DomainEvent[]) {
  return (decide: Decide<Root>): Decide<Root> =>
    (root, command, by, now) => {
      const decided = decide(root, command, by, now);
      if (!names.includes(command.name) || !decided?.ok) return decided;
      return { ok: true, events: change(decided.events) };
    };
}

/** A queue takes every other for one of its organisation, as though it had been when it was asked. */
export const knowingEveryQueue: Mutant = {
  kinds: ({ waiting, consultation }) => ({
    consultation,
    waiting: deciding(waiting, (decide) => (root, command, by, now) => {
      if (!isQueueCommand(command) || command.name !== "queue.transfer") {
        return decide(root, command, by, now);
      }
      const known: QueueCommand = { ...command, known: true };
      return decide(root, known, by, now);
    }),
  }),
};

/** An errand counts as done once it is sent. */
export const settlesWithoutWaiting: Mutant = {
  carry: async (answer) => {
    answer.catch(() => {});
  },
};

/** The target says that it will never let an entry in, and forgets it. */
export const forgetsDeclines: Mutant = {
  kinds: ({ waiting, consultation }) => ({
    waiting: deciding(
      waiting,
      changing(["queue.decline"], () => []),
    ),
    consultation: deciding(
      consultation,
      changing(["visit.decline"], () => []),
    ),
  }),
};

/** A refused entry is back at once, while an earlier request may still be let in. */
export const believesRefusals: Mutant = {
  kinds: ({ waiting, consultation }) => ({
    consultation,
    waiting: deciding(
      waiting,
      changing(["queue.settle"], (events) =>
        events.map((event) =>
          event.type === "queue.recalled" ? { ...event, type: "queue.returned" } : event,
        ),
      ),
    ),
  }),
};

/** The target does not remember whom it let in. */
export const forgetsArrivals: Mutant = {
  kinds: ({ waiting, consultation }) => ({
    waiting: {
      ...waiting,
      behaviour: {
        ...waiting.behaviour,
        evolve: (root, recorded) => ({ ...waiting.behaviour.evolve(root, recorded), arrived: [] }),
      },
    },
    consultation: {
      ...consultation,
      behaviour: {
        ...consultation.behaviour,
        evolve: (root, recorded) => {
          const next = consultation.behaviour.evolve(root, recorded);
          return { ...next, visit: { ...next.visit, arrived: [] } };
        },
      },
    },
  }),
};

/** Neither who was let in is remembered, nor which commands there were. */
export const forgetsEverything: Mutant = { ...forgetsArrivals, spoil: (part) => ({ ...part, commands: [] }) };

/** Nobody is told when a room has something to do by itself. */
export const setsNoAlarm: Mutant = { spoil: ({ due: _, ...part }) => part };

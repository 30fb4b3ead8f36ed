import { setTimeout as delay } from "node:timers/promises";
import type { Overrides } from "../../app/context.ts";
import type { JournalStore, RoomPart } from "../../core/platform/journal/journal-store.ts";
import { RoomActor } from "../../rooms/actor/room-actor.ts";

/** How far a journal's word and its deed are apart (ms), so that a kill finds something between them. */
const apart = 60;
/** How long an append waits (ms). */
const late = 400;

/**
 * What a test puts into the product's composition, to see that the checker finds what it does. The product
 * has no such switch.
 */
export const faults = {
  /** No fault: what is durable is told a little later, so kills leave many commands to be repeated. */
  "slow-answers": { journal: answerLate },
  /** What is not written yet is called durable. */
  "early-acknowledgement": { journal: acknowledgeEarly },
  /** A room is given away while what was decided is still on its way to the journal: see `mutate`. */
  "no-seal": { journal: appendLate },
  /** A repeat is not recognised. */
  "no-dedupe": { journal: (store) => answerLate(forgetCommands(store)) },
} as const satisfies Record<string, Overrides>;
export type Fault = keyof typeof faults;

export function isFault(name: string): name is Fault {
  return Object.hasOwn(faults, name);
}

/** What no part of the composition decides. */
export function mutate(fault: Fault): void {
  if (fault !== "no-seal") return;
  RoomActor.prototype.freeze = async function (this: RoomActor<unknown>) {
    return { epoch: this.epoch, seq: this.seq };
  };
}

function answerLate(store: JournalStore): JournalStore {
  return {
    ...store,
    append: async (parts) => {
      const outcomes = await store.append(parts);
      await delay(apart);
      return outcomes;
    },
  };
}

function appendLate(store: JournalStore): JournalStore {
  return {
    ...store,
    append: async (parts) => {
      await delay(late);
      return store.append(parts);
    },
  };
}

/** Appends go in the order they came, a little later; only new rooms are made as they should be. */
function acknowledgeEarly(store: JournalStore): JournalStore {
  let queue: Promise<unknown> = Promise.resolve();
  return {
    ...store,
    append: async (parts) => {
      if (parts.some(({ firstSeq }) => firstSeq === 1)) return store.append(parts);
      const later = delay(apart);
      queue = Promise.all([queue, later])
        .then(() => store.append(parts))
        .catch(() => undefined);
      return parts.map(() => "appended" as const);
    },
  };
}

function forgetCommands(store: JournalStore): JournalStore {
  const nameless = (part: RoomPart): RoomPart => ({ ...part, commands: [] });
  return {
    ...store,
    append: (parts) => store.append(parts.map(nameless)),
    findCommands: async () => [],
  };
}

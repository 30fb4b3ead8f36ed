import { type ConsultationState, consultationBehaviour, waitingBehaviour } from "../../core/domain/kinds.ts";
import { type Entry, entryOf, type QueueState } from "../../core/domain/queue/state.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { Step } from "../checker/check-transfers.ts";

/** Queues and visits as a journal has them. */
export class Rooms {
  readonly steps: readonly Step[];
  readonly #queues = new Map<string, QueueState>();
  readonly #visits = new Map<string, ConsultationState>();

  constructor(steps: readonly Step[]) {
    this.steps = steps;
    for (const { room, recorded } of steps) {
      const key = roomKey(room);
      if (room.kind === "waiting") {
        this.#queues.set(key, waitingBehaviour.evolve(this.queue(room), recorded));
      } else if (room.kind === "consultation") {
        this.#visits.set(key, consultationBehaviour.evolve(this.consultation(room), recorded));
      }
    }
  }

  queue(ref: RoomRef): QueueState {
    return this.#queues.get(roomKey(ref)) ?? waitingBehaviour.initial;
  }

  consultation(ref: RoomRef): ConsultationState {
    return this.#visits.get(roomKey(ref)) ?? consultationBehaviour.initial;
  }

  place(ref: RoomRef, patient: string): Entry | undefined {
    return entryOf(this.queue(ref), patient);
  }

  /** The patients, first to last. */
  line(ref: RoomRef): string[] {
    const { order, entries } = this.queue(ref);
    return [...order.values()].map((id) => entries.get(id)?.patient ?? "");
  }

  /** Nobody is on the way, and nothing is left to be told. */
  get settled(): boolean {
    const queues = [...this.#queues.values()].every(({ leaving }) => leaving.size === 0);
    return queues && [...this.#visits.values()].every(({ visit }) => visit.messages.length === 0);
  }

  /** The types of a room's events, without the names of their features. */
  types(ref: RoomRef): string[] {
    const of = this.steps.filter(({ room }) => roomKey(room) === roomKey(ref));
    return of.map(({ recorded }) => recorded.event.type.replace(/^\w+\./, ""));
  }

  /** One line an event, for whoever reads a failure. */
  get story(): string {
    return this.steps
      .map(
        ({ room, recorded: { seq, at, event } }) =>
          `${roomKey(room)} ${seq} ${JSON.stringify({ at, ...event })}`,
      )
      .slice(-200)
      .join("\n");
  }
}

import type { Recorded } from "../../core/domain/feature.ts";
import { hasRole } from "../../core/domain/principal.ts";
import { isQueueEvent } from "../../core/domain/queue/events.ts";
import { waitsOf } from "../../core/domain/queue/metrics.ts";
import { entryOf, type QueueState } from "../../core/domain/queue/state.ts";
import type { Clock } from "../../core/platform/clock.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { Personal, RoomView } from "../socket/room-view.ts";
import { PlaceKeeper } from "./place-keeper.ts";
import { greeting, placeOf } from "./place-messages.ts";
import { QueueBoard } from "./queue-board.ts";
import { authoriseQueue, runsQueue } from "./queue-policy.ts";

/** Estimates are brought up to date so often while patients are here, */
const paceMs = 30_000;
/** and so soon after something that they are made from. */
const soonMs = 1_000;

/**
 * A waiting room as those who are in it see it: one shared view for the staff, and for each patient messages
 * about themselves.
 */
export function createWaitingView(
  initial: QueueState,
  parts: {
    readonly wheel: TimerWheel;
    readonly clock: Clock;
    tell(messages: readonly Personal[]): void;
  },
): RoomView<QueueState> {
  const { wheel, clock, tell } = parts;
  const board = new QueueBoard();
  const places = new PlaceKeeper(clock.now);
  const here = new Set<string>();
  let state = initial;
  let seq = 0;
  let pacing: { readonly at: number; cancel(): void } | null = null;

  board.showAll(initial);

  const pace = (delayMs: number): void => {
    const at = performance.now() + delayMs;
    if (pacing && pacing.at <= at) return;
    pacing?.cancel();
    const cancel = wheel.after(delayMs, () => {
      pacing = null;
      tell(places.refresh(state, seq, here));
      if (here.size > 0 && state.entries.size > 0) pace(paceMs);
    });
    pacing = { at, cancel };
  };

  return {
    schema: board.schema,
    inner: board.shared,
    admit: (now, by) => authoriseQueue(now, { name: "queue.enter" }, by),
    isInsider: runsQueue,
    show: (now, events) => {
      state = now;
      seq = events.at(-1)?.seq ?? seq;
      board.show(now, events);
      return "now";
    },
    present: (person, online) => {
      if (online) here.add(person);
      else {
        here.delete(person);
        places.forget(person);
      }
      return "none";
    },
    deliver: () => [],
    personal: (events, now, people) => {
      if (here.size > 0) pace(PlaceKeeper.paces(events) ? soonMs : paceMs);
      return places.after(events, now, people);
    },
    greet: (now, by) => {
      if (!hasRole(by, "patient")) return [];
      const at = clock.now();
      places.remember(by.id, placeOf(now, by.id, { seq, now: at, waits: waitsOf(now, at) }));
      return greeting(now, by.id, seq, at);
    },
    affected,
    ephemeral: () => null,
    presence: (person, online) =>
      entryOf(state, person) ? { name: "queue.presence", id: null, person, online } : null,
    placed,
    woken: ({ entries }) => (entries.size > 0 ? { name: "queue.wake", id: null } : null),
    stop: () => pacing?.cancel(),
  };
}

function affected(events: readonly Recorded[]): string[] {
  return events.flatMap(({ event }) =>
    isQueueEvent(event) && event.type === "queue.staffChanged" ? [event.person] : [],
  );
}

function placed(events: readonly Recorded[]): string[] {
  return events.flatMap(({ event }) =>
    isQueueEvent(event) && event.type === "queue.joined" ? [event.patient] : [],
  );
}

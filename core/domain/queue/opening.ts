import type { QueueClosed, QueueOpened } from "./events.ts";
import { isOpenAt, nextChange } from "./opening-hours.ts";
import type { QueueSettings } from "./state.ts";

/** What the opening hours say at this moment; without hours a queue is open until somebody closes it. */
export function opening(settings: QueueSettings, now: number): QueueOpened | QueueClosed {
  if (settings.hours && !isOpenAt(settings.hours, now)) return closing(settings, now);
  return { type: "queue.opened", nextHours: nextHours(settings, now) };
}

/** Whoever still waits some time after closing is released. */
export function closing(settings: QueueSettings, now: number): QueueClosed {
  return { type: "queue.closed", nextHours: nextHours(settings, now), clearAt: clearTime(settings, now) };
}

/** When whoever waits in a queue that closed at `now` is released. */
export function clearTime(settings: QueueSettings, now: number): number {
  return now + settings.clearSeconds * 1_000;
}

export function nextHours({ hours }: QueueSettings, now: number): number | null {
  return hours ? nextChange(hours, now) : null;
}

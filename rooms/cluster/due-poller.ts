import type { Clock } from "../../core/platform/clock.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { RoomDues } from "../../core/platform/repositories/room-dues.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { Directory } from "./directory.ts";

const everyMs = 1_000;
/** By then a woken room has done what was due, or it is tried again. */
const graceMs = 30_000;
const roomsAtOnce = 50;

/** Wakes the sleeping rooms whose deadline has come. Those awake keep their own time. */
export function startDuePoller(
  dues: RoomDues,
  parts: {
    readonly directory: Pick<Directory, "wake">;
    readonly clock: Clock;
    readonly wheel: TimerWheel;
    readonly log: Logger;
  },
): () => void {
  const { directory, clock, wheel, log } = parts;
  let stopped = false;
  let cancel = (): void => {};

  const poll = async (): Promise<void> => {
    try {
      const rooms = await dues.take(clock.now(), graceMs, roomsAtOnce);
      await Promise.allSettled(rooms.map((ref) => directory.wake(ref)));
    } catch (error) {
      log.warn({ err: error }, "due rooms could not be read; trying again");
    }
    if (!stopped) cancel = wheel.after(everyMs, () => void poll());
  };

  void poll();
  return () => {
    stopped = true;
    cancel();
  };
}

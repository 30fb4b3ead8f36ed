import type { Line, Of } from "./history.ts";
import { isSign, type RoomHistory } from "./room-history.ts";
import { type Violation, violation } from "./violation.ts";

/**
 * What was done to a process may end its connections until so long after it was over (ms): a client gives
 * up after a silence of 15 s, and a process that wakes looks whether its rooms are still its own.
 */
const aftermath = 20_000;

/**
 * A connection that was in use ends because its client wanted that, because the room moved, or because somebody
 * killed, froze or cut off the process at its other end. Anything else is abnormal.
 */
export function checkConnections(room: RoomHistory): Violation[] {
  const bySocket = new Map<string, Of<"socket">[]>();
  for (const line of room.sockets) {
    const key = `${line.client} ${line.socket}`;
    bySocket.set(key, [...(bySocket.get(key) ?? []), line]);
  }
  return [...bySocket.values()].flatMap((lines) => {
    const closed = lines.find(({ what }) => what === "closed");
    if (!closed || !wasInUse(lines, room) || isOrderly(closed, lines) || isExplained(closed, room.faults))
      return [];
    const what = `${closed.client} lost its connection to ${closed.address} (${closed.code}, by ${closed.by})`;
    return violation(room, "abnormalClose", what, lines);
  });
}

/** Something came over it that the client had asked for or waited for. A join may also be given up half-way. */
function wasInUse(lines: readonly Of<"socket">[], { signs }: RoomHistory): boolean {
  const seated = lines.find(({ what }) => what === "seated");
  const closed = lines.find(({ what }) => what === "closed");
  if (!seated || !closed) return false;
  return (signs.get(seated.client) ?? []).some((t) => t >= seated.t && t <= closed.t);
}

function isOrderly({ by }: Of<"socket">, lines: readonly Of<"socket">[]): boolean {
  return by === "run" || by === "done" || lines.some(({ what }) => what === "moved");
}

function isExplained({ t, address }: Of<"socket">, faults: readonly Of<"fault">[]): boolean {
  return faults.some(
    (fault) => fault.on?.includes(address) && t >= fault.t && t <= (fault.until ?? fault.t) + aftermath,
  );
}

/**
 * How long clients were without their room (ms): from the moment that a connection ended or the room was said
 * to have moved, to the next thing that the room answered, told, or showed as current.
 */
export function gaps(lines: readonly Line[]): number[] {
  const since = new Map<string, number>();
  const found: number[] = [];
  for (const line of lines) {
    if (!("client" in line)) continue;
    const key = `${line.room} ${line.client}`;
    const begun = since.get(key);
    if (line.op === "socket") {
      const disturbed = line.what === "moved" || (line.what === "closed" && line.by !== "done");
      if (disturbed && begun === undefined) since.set(key, line.t);
    } else if (begun !== undefined && isSign(line.op)) {
      found.push(line.t - begun);
      since.delete(key);
    }
  }
  return found;
}

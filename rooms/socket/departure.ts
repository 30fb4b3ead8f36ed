import { closeCodes } from "../../core/protocol/codes.ts";
import { type Seat, serverMessages } from "../../core/protocol/events.ts";
import type { RoomActor } from "../actor/room-actor.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { Attendance } from "./attendance.ts";
import { messageFrame } from "./frames.ts";
import type { Forward, Gate } from "./gate.ts";
import type { Shell } from "./shell.ts";

type Leaving = Pick<RoomActor<unknown>, "freeze" | "thaw" | "end">;

export interface DepartureParts {
  /** null: it is not awake here. */
  actor(): Leaving | null;
  readonly gate: Gate;
  readonly attendance: Pick<Attendance, "absent">;
  readonly shell: Pick<Shell, "clients" | "close">;
  readonly wheel: TimerWheel;
}

/** How long connections may stay where the room was (ms). */
const lingerMs = 10_000;

/** How a room leaves this process for another: it comes to a stand behind its gate, and goes or goes on. */
export class Departure {
  readonly #parts: DepartureParts;

  constructor(parts: DepartureParts) {
    this.#parts = parts;
  }

  /** Takes nothing more; what comes now waits. null: it does not come to a stand in time. */
  async freeze(withinMs: number) {
    const { gate, attendance, shell } = this.#parts;
    const actor = this.#parts.actor();
    if (!actor || gate.shut || gate.left) return null;
    gate.close();
    const stand = await actor.freeze(withinMs);
    if (!stand) {
      gate.open();
      return null;
    }
    const here = shell.clients();
    const sessions = here.flatMap(({ sessionId, auth }) => (auth ? [{ sessionId, auth }] : []));
    const seated = new Set(sessions.map(({ auth }) => auth.id));
    return { ...stand, sessions, awaited: attendance.absent(seated) };
  }

  /** Goes on here, if it is still ours. Throws when the database cannot be asked. */
  async thaw(): Promise<boolean> {
    const ours = (await this.#parts.actor()?.thaw()) ?? false;
    if (ours) this.#parts.gate.open();
    return ours;
  }

  /** It is elsewhere now: everybody is told of their seat there, and what still comes is sent after it. */
  leaveTo(seats: readonly Seat[], forward: Forward): void {
    const { actor, gate, shell, wheel } = this.#parts;
    gate.leadTo(forward);
    actor()?.end("moved");
    const bySession = new Map(seats.map((seat) => [seat.sessionId, seat]));
    for (const client of [...shell.clients()]) {
      const seat = bySession.get(client.sessionId);
      if (seat) client.enqueueRaw(messageFrame(serverMessages.moved, { seat }));
      else client.leave(closeCodes.rejoin);
    }
    if (shell.clients().length === 0) shell.close();
    else wheel.after(lingerMs, () => shell.close(closeCodes.rejoin));
  }

  /** It is elsewhere now, and nobody knows where. */
  leave(): void {
    this.#parts.actor()?.end("fenced");
    this.#parts.gate.open();
  }
}

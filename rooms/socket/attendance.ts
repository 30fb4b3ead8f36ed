import type { Principal } from "../../core/domain/principal.ts";
import type { RoomWatch } from "../actor/room-watch.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { Adoption } from "../cluster/bus.ts";
import type { Connections } from "./connections.ts";
import type { Crowd, RoomClient } from "./crowd.ts";
import { Expected } from "./expected.ts";
import type { Gate } from "./gate.ts";

export interface AttendanceParts {
  readonly wheel: TimerWheel;
  readonly crowd: Crowd;
  readonly gate: Pick<Gate, "shut" | "left" | "passable">;
  readonly connections: Pick<Connections, "add" | "remove">;
  readonly watch: Pick<RoomWatch, "returned">;
  /** How long those who were in the room before it came here have to follow it (ms). */
  readonly seatMs: number;
  /** Somebody is here now who was not, or the other way round. */
  present(person: string, online: boolean): void;
  /** Keeps who came and went: between the two, what the room shows is seen. A room that moves takes people with it. */
  trace(by: Principal, what: "room.joined" | "room.left"): void;
}

/**
 * Who is in the room, by their connections: a person is here from the first to the last of them, also while one is
 * broken and may yet come back, and while they follow a room that has moved.
 */
export class Attendance {
  readonly #parts: AttendanceParts;
  readonly #expected: Expected;
  /** When connections broke that may yet come back, by Colyseus' session. */
  readonly #brokenAt = new Map<string, number>();

  constructor(parts: AttendanceParts) {
    this.#parts = parts;
    this.#expected = new Expected(parts.wheel, parts.seatMs, (person) => this.missing(person));
  }

  /** These were in the room until now, and are on their way. */
  expect({ sessions, awaited }: Pick<Adoption, "sessions" | "awaited">): void {
    for (const { sessionId, auth } of sessions) this.#expected.seat(sessionId, auth.id);
    for (const person of awaited) this.#expected.person(person);
  }

  /** Who counts as here without a connection. */
  expected(): readonly string[] {
    return this.#expected.people();
  }

  came(client: RoomClient, by: Principal): void {
    const { connections, crowd, watch, trace } = this.#parts;
    const expected = this.#expected.has(by.id);
    connections.add(by.session, client);
    if (!expected) trace(by, "room.joined");
    const followedMs = this.#expected.arrived(client.sessionId, by.id);
    if (followedMs !== null) watch.returned(followedMs, "moved");
    if (crowd.add(client, by.id) && !expected) this.#note(by.id, true);
  }

  /** Its connection is broken; its seat is kept. */
  broke(client: RoomClient, by: Principal): void {
    this.#parts.connections.remove(by.session, client);
    this.#brokenAt.set(client.sessionId, performance.now());
  }

  /** A connection that broke is here again, as another client. */
  cameBack(client: RoomClient, by: Principal): void {
    this.#parts.connections.add(by.session, client);
    const brokenAt = this.#brokenAt.get(client.sessionId);
    if (brokenAt !== undefined) this.#parts.watch.returned(performance.now() - brokenAt, "broken");
    this.#brokenAt.delete(client.sessionId);
  }

  left(client: RoomClient, by: Principal): void {
    const { connections, crowd, gate, trace } = this.#parts;
    this.#brokenAt.delete(client.sessionId);
    connections.remove(by.session, client);
    // Who was refused at the door had not come.
    if (!gate.left && crowd.of(by.id).includes(client)) trace(by, "room.left");
    if (crowd.remove(client, by.id)) this.missing(by.id);
  }

  /** Somebody has gone, has not followed the room here, or has been given a place without being here. */
  missing(person: string): void {
    if (!this.#parts.crowd.has(person) && !this.#expected.has(person)) this.#note(person, false);
  }

  /** Who is to be expected where the room goes, beside those who have a seat there. */
  absent(seated: ReadonlySet<string>): readonly string[] {
    const all = new Set([...this.#parts.crowd.keys(), ...this.#expected.people()]);
    return [...all].filter((person) => !seated.has(person));
  }

  #note(person: string, online: boolean): void {
    if (this.#parts.gate.shut) void this.#noteLater(person);
    else this.#parts.present(person, online);
  }

  /** Where the room goes on here, it notes how it is by then. */
  async #noteLater(person: string): Promise<void> {
    const { gate, crowd } = this.#parts;
    await gate.passable();
    if (!gate.left) this.#note(person, crowd.has(person));
  }
}

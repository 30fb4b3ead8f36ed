import { Client, type Room } from "@colyseus/sdk";
import type { OpeningHours } from "../../core/domain/queue/opening-hours.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { ClinicJournal } from "./clinic-journal.ts";
import type { ClinicRest } from "./clinic-rest.ts";
import type { Rooms } from "./folded-rooms.ts";
import { accessToken } from "./store.ts";

const minute = 60_000;
const hour = 60 * minute;

/** A room that has something to do by itself. */
interface Waiting {
  readonly name: string;
  readonly room: RoomRef;
  /** What it does when its time has come first, and what when it comes the next time. */
  readonly first: Readonly<Record<string, number>>;
  readonly second: Readonly<Record<string, number>>;
}

/** Whoever is not heard of is looked after in an hour; nothing else is in the way of what is tested. */
const quiet = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400 };

/** A room for each deadline that there is, all of them due within two hours. */
export async function castDeadlines(
  clinic: ClinicRest,
  url: string,
  journal: ClinicJournal,
): Promise<readonly Waiting[]> {
  const queue = async (settings: object): Promise<RoomRef> => {
    const room = await clinic.openQueue({ ...quiet, ...settings });
    await clinic.must("patient", room, "queue.join", { reason: "a cough" });
    return room;
  };
  const staff = async (room: RoomRef, name: string) => {
    const entry = (await journal.rooms()).place(room, "patient")?.id;
    await clinic.must("clinician", room, name, { entry });
  };
  const now = Date.now();

  const called = await queue({ callSeconds: 600, noShowSeconds: 600 });
  await openTab(url, "patient", called);
  await staff(called, "queue.call");
  const gone = await queue({ graceSeconds: 600, awaySeconds: 600 });
  await (await openTab(url, "patient", gone)).leave();
  const held = await queue({ holdSeconds: 600 });
  await staff(held, "queue.hold");
  const waited = await queue({ longWaitSeconds: 600 });
  const paused = await queue({});
  await clinic.must("clinician", paused, "queue.suspend", { until: now + hour, notice: "Back soon" });
  const closing = await queue({ hours: closingSoon(now), clearSeconds: 3_600 });
  const planned = await clinic.planVisit("patient", now + minute);
  const inviting = await clinic.planVisit("patient2");
  await clinic.must("clinician", inviting, "visit.invite", { role: "family", expiresInSeconds: 600 });
  const deserted = await clinic.planVisit("patient3");
  await clinic.must("clinician", deserted, "visit.start");
  return [
    {
      name: "a call",
      room: called,
      first: { unanswered: 1 },
      second: { unanswered: 1, left: 1, wentAway: 0 },
    },
    { name: "whoever is gone", room: gone, first: { wentAway: 1 }, second: { wentAway: 1, left: 1 } },
    { name: "a hold", room: held, first: { resumed: 1 }, second: { resumed: 1 } },
    { name: "a long wait", room: waited, first: { longWait: 1 }, second: { longWait: 1 } },
    { name: "a pause", room: paused, first: { opened: 2 }, second: { opened: 2 } },
    { name: "opening hours", room: closing, first: { closed: 1 }, second: { closed: 2, left: 1 } },
    { name: "a visit that nobody comes to", room: planned, first: { ended: 1 }, second: { ended: 1 } },
    {
      name: "an invitation",
      room: inviting,
      first: { invitationExpired: 1 },
      second: { invitationExpired: 1 },
    },
    { name: "a visit that all have left", room: deserted, first: { ended: 1 }, second: { ended: 1 } },
  ];
}

/** Comes over a socket. */
async function openTab(url: string, who: string, { id }: RoomRef): Promise<Room> {
  const client = new Client(url);
  client.auth.token = await accessToken(url, who);
  const room = await client.joinOrCreate("waiting", { room: id });
  room.reconnection.enabled = false;
  room.onMessage("*", () => {});
  return room;
}

/** Open since this morning and for another hour or two, wherever it is noon now. */
function closingSoon(now: number): OpeningHours {
  const ahead = 12 - new Date(now).getUTCHours();
  const timeZone = `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
  return { timeZone, weekly: [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, from: "08:00", to: "13:30" })) };
}

/** How often each of these has happened in a room, where that is not as often as it has to be. */
export function otherThan(
  rooms: Rooms,
  cast: readonly Waiting[],
  when: "first" | "second",
): readonly string[] {
  return cast.flatMap(({ name, room, [when]: wanted }) => {
    const types = rooms.types(room);
    return Object.entries(wanted).flatMap(([type, count]) => {
      const is = types.filter((one) => one === type).length;
      return is === count ? [] : [`${name}: ${type} ${is} times, not ${count}`];
    });
  });
}

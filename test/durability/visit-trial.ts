import type { RoomRef } from "../../core/domain/room.ts";
import { brokenTransfers } from "../checker/check-transfers.ts";
import { type ClinicWorld, ito, ofRoom, person } from "./clinic-world.ts";
import type { Rooms } from "./folded-rooms.ts";
import { transferMs } from "./transfer-stories.ts";

/** What a visit tells the queue that it came from: that the patient has come, and that it is over. */
const words = {
  used: { event: "visit.entered", there: "queue.used" },
  served: { event: "visit.ended", there: "queue.served" },
} as const;
type Word = keyof typeof words;

interface Point {
  readonly word: Word;
  readonly in: "visit" | "queue";
  readonly type: string;
  readonly side: "before" | "after";
}

const points: readonly Point[] = (["used", "served"] as const).flatMap((word) => [
  { word, in: "visit", type: words[word].event, side: "after" },
  { word, in: "queue", type: words[word].there, side: "before" },
  { word, in: "queue", type: words[word].there, side: "after" },
  { word, in: "visit", type: "visit.reported", side: "before" },
  { word, in: "visit", type: "visit.reported", side: "after" },
]);

const calm = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400 };

/**
 * Ends the process of visits at each step on which they tell their queue something, and lets the rest find
 * its way. Returns everything that is wrong.
 */
export async function crashWhileTelling(world: ClinicWorld): Promise<string[]> {
  const here = world.start("here");
  const visits: { readonly point: Point; readonly queue: RoomRef; readonly visit: RoomRef }[] = [];
  for (const [i, point] of points.entries()) {
    const patient = person(`p-${i}`, "patient");
    const queue = await world.openQueue(`q-${i}`, calm);
    await world.join(patient, queue);
    const entry = (await world.rooms()).place(queue, patient.id)?.id ?? "";
    await world.ask(ito, queue, "queue.admit", { entry });
    const visitOf = (rooms: Rooms) => rooms.queue(queue).admitted[patient.id]?.visit;
    const id = visitOf(await world.until((rooms) => visitOf(rooms) !== undefined)) ?? "";
    const visit = { kind: "consultation", id } as const;
    const enter = () =>
      here.note(visit, { name: "visit.presence", id: null, ...{ person: patient.id, online: true } });
    if (point.word === "served") {
      await enter();
      await world.ask(ito, visit, "visit.start");
      await world.until((rooms) => rooms.types(visit).includes("reported"));
    }
    visits.push({ point, queue, visit });
    const held = here.holds.add({ ...point, of: ofRoom(point.in === "visit" ? visit : queue) });
    if (point.word === "used") await enter();
    else world.ask(ito, visit, "visit.end", { outcome: "completed" }).catch(() => {});
    await held;
  }
  here.crash();
  world.start("next", { polls: true });
  world.time.skip(transferMs);
  const rooms = await world.until((now) => now.settled);
  return [...brokenTransfers(rooms.steps), ...visits.flatMap((one) => faultsOf(rooms, one))];
}

function faultsOf(
  rooms: Rooms,
  { point: { word, type, side }, queue, visit }: { point: Point; queue: RoomRef; visit: RoomRef },
): string[] {
  const { admitted, duty, services } = rooms.queue(queue);
  const count = (ref: RoomRef, what: string) => rooms.types(ref).filter((one) => one === what).length;
  const wanted = {
    told: 1,
    waiting: 0,
    services: word === "served" ? 1 : 0,
    reported: word === "used" ? 1 : 2,
  };
  const is = {
    told: count(queue, word),
    waiting: Object.keys(admitted).length,
    services: services.length,
    reported: count(visit, "reported"),
  };
  const free = duty.ito?.status === (word === "used" ? "in_visit" : "available");
  const same = JSON.stringify(is) === JSON.stringify(wanted);
  return [
    ...(same ? [] : [`${word}, ${side} ${type}: ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`]),
    ...(free ? [] : [`${word}, ${side} ${type}: the clinician is ${duty.ito?.status}`]),
  ];
}

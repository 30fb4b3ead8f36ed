import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import { brokenTransfers } from "../checker/check-transfers.ts";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/processes.ts";
import { ClinicJournal } from "./clinic-journal.ts";
import { ClinicProcess } from "./clinic-process.ts";
import { ClinicRest } from "./clinic-rest.ts";
import type { Rooms } from "./folded-rooms.ts";

const patience = 120_000;
/** After so long whoever is on the way is called back, and their queue is woken (ms). */
const transferMs = 30_000;

let postgres: Postgres;
let folder: TemporaryFolder;
beforeAll(async () => {
  postgres = await startPostgres();
  await assertDurable(postgres.url);
  folder = temporaryFolder("data");
});
afterAll(async () => {
  await postgres.dispose();
  folder.remove();
});

/** Where the process is killed: at an append of the source or of the target. */
interface Point {
  readonly to: "queue" | "visit";
  readonly answer: "taken" | "refused";
  readonly in: "source" | "target";
  readonly type: string;
  readonly side: "before" | "after";
}

const points: readonly Point[] = (["queue", "visit"] as const).flatMap((to) =>
  (["before", "after"] as const).flatMap(
    (side) =>
      [
        { to, side, answer: "taken", in: "source", type: "queue.leaving" },
        { to, side, answer: "taken", in: "target", type: `${to}.arrived` },
        { to, side, answer: "taken", in: "source", type: "queue.left" },
        { to, side, answer: "refused", in: "source", type: "queue.recalled" },
        { to, side, answer: "refused", in: "target", type: `${to}.declined` },
        { to, side, answer: "refused", in: "source", type: "queue.returned" },
      ] satisfies Point[],
  ),
);

/** A patient who stands at a point. */
interface Standing {
  readonly point: Point;
  readonly source: RoomRef;
  /** null: the visit is made on the way. */
  readonly target: RoomRef | null;
  readonly entry: string;
}

const calm = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400, callSeconds: 3_600 };

async function prepare(clinic: ClinicRest, point: Point): Promise<Omit<Standing, "entry">> {
  const source = await clinic.openQueue(calm);
  const { to, answer } = point;
  let target: RoomRef | null = null;
  if (to === "queue") target = await clinic.openQueue(calm);
  else if (answer === "refused") target = await clinic.planVisit("patient2");
  const planned = to === "visit" && target ? { visit: target.id } : {};
  for (const who of ["patient", "patient2", "patient3"]) {
    await clinic.must(who, source, "queue.join", {
      reason: "a cough",
      ...(who === "patient2" ? planned : {}),
    });
  }
  if (answer === "refused" && target)
    await clinic.must("clinician", target, to === "queue" ? "queue.close" : "visit.cancel");
  return { point, source, target };
}

/** Sends the patient, and waits until they stand at their point. */
async function bring(
  server: ClinicProcess,
  clinic: ClinicRest,
  { point, source, target, entry }: Standing,
): Promise<void> {
  const room = point.in === "source" ? source : target;
  const { held } = await server.hold(room ? roomKey(room) : "consultation:", point);
  const [name, where] =
    point.to === "queue" ? (["queue.transfer", { to: target?.id }] as const) : (["queue.admit", {}] as const);
  clinic.ask("clinician", source, name, { entry, ...where }).catch(() => {});
  await held;
}

/** Where the patient has to be in the end. Who was not called back meanwhile is let in. */
function wanted({ answer, type, side }: Point, calledBack: boolean): "source" | "target" | "either" {
  if (answer === "refused" || (type === "queue.leaving" && side === "before")) return "source";
  if (type === "queue.left" || (type !== "queue.leaving" && side === "after")) return "target";
  return calledBack ? "either" : "target";
}

/** What is wrong in the end, beside what the journal's order shows. */
async function faults(
  clinic: ClinicRest,
  rooms: Rooms,
  one: Standing,
  calledBack: boolean,
): Promise<string[]> {
  const { point, source, target, entry } = one;
  const back = rooms.queue(source).entries.has(entry);
  const ends = wanted(point, calledBack);
  const wrong: string[] = [];
  if (ends !== "either" && (ends === "source") !== back) wrong.push(`is not in the ${ends}`);
  const visit = rooms.queue(source).admitted.patient2?.visit;
  if (back || point.to === "queue") {
    const here = back ? source : (target ?? source);
    const { status, body } = await clinic.ask("clinician2", here, "queue.call", { entry });
    if (status !== 200) wrong.push(`cannot be called: ${JSON.stringify(body)}`);
    if (back && rooms.line(source).join() !== "patient,patient2,patient3")
      wrong.push(`the queue is ${rooms.line(source)}`);
  } else {
    const { status, body } = await clinic.ask(
      "patient2",
      { kind: "consultation", id: visit ?? "none" },
      "visit.knock",
    );
    if (status !== 200) wrong.push(`cannot enter the visit: ${JSON.stringify(body)}`);
  }
  return wrong.map((fault) => `${JSON.stringify(point)}: ${fault}`);
}

const isSettled =
  (rooms: Rooms) =>
  ({ source }: Standing): boolean =>
    rooms.queue(source).leaving.size === 0;

test(
  "a server that is killed at any step of a transfer or an admission leaves the patient in one place",
  async () => {
    const databaseUrl = await postgres.createDatabase("kill");
    const start = async (aheadMs: number): Promise<[ClinicProcess, ClinicRest]> => {
      const server = await ClinicProcess.start({ databaseUrl, dataDir: folder.path, aheadMs });
      onTestFinished(() => server.kill());
      return [server, new ClinicRest(server.url)];
    };
    const [first, clinic] = await start(0);
    const journal = await ClinicJournal.open(databaseUrl, folder.path);
    onTestFinished(() => journal.close());
    const prepared = await Promise.all([...points, ...points].map((point) => prepare(clinic, point)));
    const before = await journal.rooms();
    const all = prepared.map((one) => ({ ...one, entry: before.place(one.source, "patient2")?.id ?? "" }));
    for (const one of all) await bring(first, clinic, one);
    await first.kill();

    // Half of them are looked for by somebody, at once.
    const [looked, alone] = [all.slice(0, points.length), all.slice(points.length)];
    const [second, reader] = await start(0);
    await Promise.all(looked.map(({ source }) => reader.read("patient", source, "queue.info")));
    const after = await journal.until((rooms) => looked.every(isSettled(rooms)));
    const early = await Promise.all(looked.map((one) => faults(reader, after, one, false)));
    await second.kill();

    // The others by nobody: they are woken when their time has come.
    const [third, last] = await start(2 * transferMs);
    const end = await journal.until((rooms) => alone.every(isSettled(rooms)));
    const late = await Promise.all(alone.map((one) => faults(last, end, one, true)));
    await third.kill();
    expect(brokenTransfers((await journal.rooms()).steps)).toEqual([]);
    expect([...early, ...late].flat()).toEqual([]);
  },
  patience,
);

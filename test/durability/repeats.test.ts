import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";
import { ClinicJournal } from "./clinic-journal.ts";
import { ClinicProcess, type ProcessOptions } from "./clinic-process.ts";
import { type Answer, ClinicRest } from "./clinic-rest.ts";
import type { Fault } from "./faults.ts";

const patience = 120_000;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await assertDurable(postgres.url);
});
afterAll(() => postgres.dispose());

/** How far a request came before the process was killed: nowhere, into the journal, or all the way. */
const ends = ["before", "after", "answered"] as const;

/** A request that is made again. */
interface Request {
  readonly name: string;
  readonly end: (typeof ends)[number];
  readonly who: string;
  readonly room: RoomRef;
  readonly payload: object;
  /** Another request under the same id. */
  readonly other: object;
  /** What comes of it, once. */
  readonly event: string;
  /** What it was answered, if it was. */
  first: Answer | null;
}

const calm = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400, callSeconds: 3_600 };

async function prepare(
  clinic: ClinicRest,
  journal: ClinicJournal,
  some: readonly Request["end"][],
): Promise<Request[]> {
  const requests: Request[] = [];
  for (const end of some) {
    const add = (who: string, name: string, room: RoomRef, payload: object, other: object, event: string) => {
      const id = randomUUID();
      requests.push({
        name,
        end,
        who,
        room,
        payload: { id, ...payload },
        other: { id, ...other },
        event,
        first: null,
      });
    };
    add(
      "patient",
      "queue.join",
      await clinic.openQueue(calm),
      { reason: "a cough" },
      { reason: "a cold" },
      "joined",
    );
    const where = { to: (await clinic.openQueue(calm)).id };
    for (const [name, more, event] of [
      ["queue.call", {}, "called"],
      ["queue.admit", {}, "leaving"],
      ["queue.transfer", where, "leaving"],
    ] as const) {
      const queue = await clinic.openQueue(calm);
      await clinic.must("patient", queue, "queue.join", { reason: "a cough" });
      const entry = (await journal.rooms()).place(queue, "patient")?.id;
      add("clinician", name, queue, { entry, ...more }, { entry: "another", ...more }, event);
    }
    const visit = await clinic.planVisit("patient2");
    add("clinician", "visit.invite", visit, { role: "family" }, { role: "observer" }, "invited");
  }
  return requests;
}

/** Makes each request, and has the process killed when each has come as far as it is to come. */
async function makeAndKill(server: ClinicProcess, clinic: ClinicRest, requests: readonly Request[]) {
  for (const request of requests) {
    const { name, end, who, room, payload, event } = request;
    if (end === "answered") {
      request.first = await clinic.ask(who, room, name, payload);
      continue;
    }
    const type = `${name.split(".")[0]}.${event}`;
    const { held } = await server.hold(roomKey(room), { type, side: end });
    clinic.ask(who, room, name, payload).catch(() => {});
    await held;
  }
  await server.kill();
}

/** Makes requests on a process that is killed, and again on two others, in turn. */
async function repeated(databaseUrl: string, some: readonly Request["end"][], fault?: Fault) {
  const folder = temporaryFolder("data");
  onTestFinished(() => folder.remove());
  const options: ProcessOptions = { databaseUrl, dataDir: folder.path, ...(fault ? { fault } : {}) };
  const start = async () => {
    const server = await ClinicProcess.start(options);
    onTestFinished(() => server.kill());
    return server;
  };
  const first = await start();
  const journal = await ClinicJournal.open(databaseUrl, folder.path);
  onTestFinished(() => journal.close());
  const clinic = new ClinicRest(first.url);
  const requests = await prepare(clinic, journal, some);
  await makeAndKill(first, clinic, requests);
  const others = (await Promise.all([start(), start()])).map((server) => new ClinicRest(server.url));
  const answers: Answer[][] = [];
  const conflicts: Answer[] = [];
  for (const { who, room, name, payload, other } of requests) {
    const mine: Answer[] = [];
    for (const one of [...others, ...others]) mine.push(await one.ask(who, room, name, payload));
    for (const one of others) conflicts.push(await one.ask(who, room, name, other));
    answers.push(mine);
  }
  return { requests, answers, conflicts, others, rooms: await journal.rooms() };
}

describe("a request that is repeated after a kill, on one process and another", { timeout: patience }, () => {
  it("gets the first result and has one effect; another one under its id is refused", async () => {
    const result = await repeated(await postgres.createDatabase("repeats"), ends);
    const { requests, answers, conflicts, others, rooms } = result;
    for (const [i, { name, end, room, event, first }] of requests.entries()) {
      const about = `${name}, ${end}`;
      const [one, ...more] = answers[i] ?? [];
      expect(one, about).toMatchObject({ status: 200, body: { seq: expect.any(Number) } });
      for (const another of more) expect(another, about).toEqual(one);
      if (first) expect(one, about).toEqual(first);
      const { seq } = one?.body ?? {};
      const recorded = rooms.steps.filter(({ room: at }) => roomKey(at) === roomKey(room));
      expect(
        recorded.filter(
          ({
            recorded: {
              event: { type },
            },
          }) => type.endsWith(`.${event}`),
        ),
        about,
      ).toHaveLength(1);
      expect(recorded.find(({ recorded: at }) => at.seq === seq)?.recorded.event.type, about).toMatch(event);
    }
    expect(conflicts.map(({ body }) => body.code)).toEqual(conflicts.map(() => "command_conflict"));

    const codes = requests.flatMap(({ name }, i) =>
      name === "visit.invite" ? [answers[i]?.[0]?.body.code] : [],
    );
    expect(new Set(codes).size).toBe(ends.length);
    for (const code of codes) {
      const statuses: number[] = [];
      for (const one of others) {
        const { status } = await one.post("desk", `/v1/invitations/${code}/accept`, {
          name: "Aunt",
          keep: "json",
        });
        statuses.push(status);
      }
      expect(statuses).toEqual([200, 409]);
    }
  });

  it("is found by this test where it is not recognised", async () => {
    const { requests, answers } = await repeated(
      await postgres.createDatabase("forgets"),
      ["answered"],
      "no-dedupe",
    );
    const same = requests.filter((_, i) => {
      const [one, ...more] = answers[i] ?? [];
      return more.every((another) => JSON.stringify(another) === JSON.stringify(one));
    });
    expect(same).toEqual([]);
  });
});

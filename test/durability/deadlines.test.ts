import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { brokenTimes, brokenTransfers } from "../checker/check-transfers.ts";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/processes.ts";
import { ClinicJournal } from "./clinic-journal.ts";
import { ClinicProcess } from "./clinic-process.ts";
import { ClinicRest } from "./clinic-rest.ts";
import { ClinicWorld, ito, type Mutant } from "./clinic-world.ts";
import { castDeadlines, otherThan } from "./deadline-cast.ts";
import type { Rooms } from "./folded-rooms.ts";
import { forever } from "./holds.ts";
import { setsNoAlarm } from "./transfer-mutants.ts";
import { anna, Stage } from "./transfer-stories.ts";

const patience = 120_000;
const hour = 3_600_000;

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

async function serve(databaseUrl: string, aheadMs = 0): Promise<ClinicProcess> {
  const server = await ClinicProcess.start({ databaseUrl, dataDir: folder.path, aheadMs });
  onTestFinished(() => server.kill());
  return server;
}

describe("what a room does by itself", { timeout: patience }, () => {
  it("is done once when its time has come, after a sleep or a kill, with nobody there and two to do it", async () => {
    const databaseUrl = await postgres.createDatabase("deadlines");
    const first = await serve(databaseUrl);
    const journal = await ClinicJournal.open(databaseUrl, folder.path);
    onTestFinished(() => journal.close());
    const asleep = await castDeadlines(new ClinicRest(first.url), first.url, journal);
    await first.close();
    const second = await serve(databaseUrl);
    const killed = await castDeadlines(new ClinicRest(second.url), second.url, journal);
    await second.kill();

    const cast = [...asleep, ...killed];
    for (const [when, aheadMs] of [
      ["first", 3 * hour],
      ["second", 6 * hour],
    ] as const) {
      const servers = await Promise.all([serve(databaseUrl, aheadMs), serve(databaseUrl, aheadMs)]);
      const wrong = async () => otherThan(await journal.rooms(), cast, when);
      await expect.poll(wrong, { timeout: 40_000, interval: 100 }).toEqual([]);
      await Promise.all(servers.map((server) => server.kill()));
    }
    const { steps } = await journal.rooms();
    expect([...brokenTransfers(steps), ...brokenTimes(steps)]).toEqual([]);
  });
});

const second = 1_000;
const minute = 60 * second;

let worlds = 0;
async function openWorld(mutant?: Mutant): Promise<ClinicWorld> {
  worlds += 1;
  const world = await ClinicWorld.open(await postgres.createDatabase(`clock${worlds}`), mutant);
  onTestFinished(() => world.close());
  return world;
}

/** Anna, who was called and has two minutes to answer; and the paused queue that opens again in two minutes. */
async function twoMinutes(world: ClinicWorld) {
  const queue = await world.openQueue("called", {
    callSeconds: 120,
    graceSeconds: 3_600,
    awaySeconds: 86_400,
  });
  const paused = await world.openQueue("paused");
  await world.join(anna, queue);
  const entry = (await world.rooms()).place(queue, anna.id)?.id;
  await world.ask(ito, queue, "queue.call", { entry });
  await world.ask(ito, paused, "queue.suspend", { until: world.time.now() + 2 * minute });
  /** How often each of them has come. Whoever asks wakes the rooms, and waits for what they are doing. */
  const counts = (rooms: Rooms) => ({
    unanswered: rooms.types(queue).filter((type) => type === "unanswered").length,
    opened: rooms.types(paused).filter((type) => type === "opened").length - 1,
  });
  const look = async () => {
    await world.ask(ito, queue, "queue.notify", { body: "still here" });
    await world.ask(ito, paused, "queue.notify", { body: "still here" });
    return counts(await world.rooms());
  };
  const met = async () => {
    const rooms = await world.until((now) => {
      const [one, two] = [now.types(queue), now.types(paused)];
      return one.includes("unanswered") && two.filter((type) => type === "opened").length > 1;
    });
    return { ...counts(rooms), broken: brokenTimes(rooms.steps) };
  };
  return { queue, paused, look, met };
}

const notYet = { unanswered: 0, opened: 0 };
const once = { unanswered: 1, opened: 1, broken: [] };

describe("a clock that is set back an hour", { timeout: patience }, () => {
  it("lets what is awake do things when their time has passed, and dates nothing back", async () => {
    const world = await openWorld();
    world.start("here");
    const { look, met } = await twoMinutes(world);
    world.time.setBack(hour);
    world.time.skip(2 * minute - second);
    expect(await look()).toEqual(notYet);
    world.time.skip(second);
    expect(await met()).toEqual(once);
    world.time.skip(hour);
    expect(await look()).toEqual({ unanswered: 1, opened: 1 });
  });

  it.each(["killed", "asleep"])(
    "lets what was %s do things once the clock has come to it again",
    async (how) => {
      const world = await openWorld();
      const here = world.start("here", { polls: true });
      const { queue, paused, look, met } = await twoMinutes(world);
      for (const room of how === "asleep" ? [queue, paused] : []) await here.sleep(room);
      here.crash();
      world.time.setBack(hour);
      world.start("next", { polls: true });
      if (how === "killed") expect(await look()).toEqual(notYet);
      world.time.skip(hour);
      expect(await look()).toEqual(notYet);
      world.time.skip(2 * minute);
      expect(await met()).toEqual(once);
    },
  );

  it("keeps nobody on the way for longer than it takes until somebody looks", async () => {
    const world = await openWorld();
    const here = world.start("here");
    const stage = new Stage(world, "queue");
    await stage.set(here);
    const asked = Promise.withResolvers<void>();
    world.carriage = () => {
      asked.resolve();
      return forever();
    };
    stage.go();
    await asked.promise;
    world.time.setBack(hour);
    here.crash();
    world.carriage = (_, send) => send();
    const next = world.start("next");
    world.placement = () => next;
    await next.wake(stage.source);
    expect(await stage.end("target")).toEqual([]);
  });
});

describe("a room that sleeps in a process that goes on", { timeout: patience }, () => {
  const sleepOver = async (world: ClinicWorld) => {
    const here = world.start("here", { polls: true });
    const { queue, paused, met } = await twoMinutes(world);
    for (const room of [queue, paused]) await here.sleep(room);
    expect(here.has(queue)).toBe(false);
    world.time.skip(2 * minute);
    return met();
  };

  it("is woken when its time has come", async () => {
    expect(await sleepOver(await openWorld())).toEqual(once);
  });

  it("is missed by these tests where nobody is told", async () => {
    const world = await openWorld(setsNoAlarm);
    world.patienceMs = 1_500;
    await expect(sleepOver(world)).rejects.toThrow("it never came to be");
  });

  it("is found by these tests where events are dated back", async () => {
    const world = await openWorld(datesBack);
    expect((await sleepOver(world)).broken).not.toEqual([]);
  });
});

/** What a room does by itself is dated by a clock that is behind. */
const datesBack: Mutant = {
  spoil: (part) => ({
    ...part,
    entries: part.entries.map((entry) =>
      entry.actor === "system" ? { ...entry, at: entry.at - hour } : entry,
    ),
  }),
};

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RoomRef } from "../../core/domain/room.ts";
import { brokenTransfers } from "../checker/check-transfers.ts";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import { ClinicWorld, desk, ito, type Mutant } from "./clinic-world.ts";
import {
  believesRefusals,
  forgetsArrivals,
  forgetsDeclines,
  forgetsEverything,
  knowingEveryQueue,
  setsNoAlarm,
  settlesWithoutWaiting,
} from "./transfer-mutants.ts";
import {
  anna,
  answerThatNeverComes,
  asleepOnTheWay,
  everythingTwice,
  lostAnswers,
  refusedThenOpen,
  Stage,
  type Story,
  silentTarget,
  type Target,
  zombieSource,
} from "./transfer-stories.ts";
import { crashOn, ways } from "./transfer-trial.ts";
import { crashWhileTelling } from "./visit-trial.ts";

const patience = 60_000;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await assertDurable(postgres.url);
});
afterAll(() => postgres.dispose());

let worlds = 0;
async function openWorld(mutant?: Mutant): Promise<ClinicWorld> {
  worlds += 1;
  const world = await ClinicWorld.open(await postgres.createDatabase(`world${worlds}`), mutant);
  onTestFinished(() => world.close());
  return world;
}

describe("a transfer or an admission ends in one place", { timeout: patience }, () => {
  it("when its process ends, at any step", async () => {
    expect(await crashOn(await openWorld(), ways, "both")).toEqual([]);
  });

  it("when the source's process ends, at any step of its", async () => {
    const some = ways.filter(({ step }) => step.in !== "target");
    expect(await crashOn(await openWorld(), some, "source")).toEqual([]);
  });

  it("when the target's process ends, at any step of its", async () => {
    const some = ways.filter(({ step }) => step.in !== "source");
    expect(await crashOn(await openWorld(), some, "target")).toEqual([]);
  });

  const stories: readonly (readonly [string, Story])[] = [
    ["when an old owner's errand comes after it was called back", zombieSource],
    ["when every errand comes several times", everythingTwice],
    ["when the answers get lost", lostAnswers],
    ["when the target hears nothing, and hangs", silentTarget],
    ["when the target's answer never comes", answerThatNeverComes],
    ["when it was refused, and the same request comes later", refusedThenOpen],
    ["when the source sleeps on the way and nobody wakes it", asleepOnTheWay],
  ];
  for (const to of ["queue", "visit"] satisfies Target[]) {
    it.each(stories)(`%s (to a ${to})`, async (_, story) => {
      expect(await story(await openWorld(), to)).toEqual([]);
    });
  }

  it("and its visit tells the queue once that the patient came, and that it is over", async () => {
    expect(await crashWhileTelling(await openWorld())).toEqual([]);
  });
});

describe("a transfer that is refused brings the patient back", { timeout: patience }, () => {
  const elsewhere = { ...desk, org: "elsewhere" };
  const targets: readonly (readonly [
    string,
    string,
    (world: ClinicWorld, to: RoomRef) => Promise<unknown>,
  ])[] = [
    ["is closed", "queue_closed", (world, to) => world.ask(ito, to, "queue.close")],
    ["is paused", "queue_suspended", (world, to) => world.ask(ito, to, "queue.suspend")],
    ["has them already", "already_exists", (world, to) => world.join(anna, to)],
    ["is not there any more", "room_not_found", async () => {}],
    ["belongs to another clinic", "room_not_found", async () => {}],
  ];
  it.each(targets)("from a queue that %s", async (what, code, prepare) => {
    const world = await openWorld(knowingEveryQueue);
    const here = world.start("here");
    const stage = new Stage(world, "queue");
    await stage.set(here);
    let to = stage.queue;
    if (what === "is not there any more") to = { kind: "waiting", id: "nowhere" };
    if (what === "belongs to another clinic") {
      to = { kind: "waiting", id: "theirs" };
      await here.found(elsewhere.org, to);
      const made = { id: "made-elsewhere", settings: { title: "Theirs" }, staff: [] };
      await here.request(elsewhere, to, "queue.create", made);
    }
    await prepare(world, to);
    await world.ask(ito, stage.source, "queue.transfer", { entry: stage.entry, to: to.id });
    const rooms = await world.until((now) => now.settled);
    expect(brokenTransfers(rooms.steps)).toEqual([]);
    expect(rooms.place(stage.source, anna.id)).toMatchObject({ status: "waiting", returned: code });
    expect(rooms.line(stage.source)).toEqual(["anna", "ben"]);
    expect(await world.refusal(ito, stage.source, "queue.call", { entry: stage.entry })).toBeNull();
  });
});

describe("these tests find", { timeout: patience }, () => {
  const found = (story: Story, mutant: Mutant, to: Target) => async () => {
    const world = await openWorld(mutant);
    world.patienceMs = 1_500;
    return (await story(world, to).catch((error: Error) => [error.message])).join("\n");
  };
  const arriving = ways.filter(({ step, side }) => step.what === "arrived" && side === "before");
  const crashOnArrival: Story = (world, to) =>
    crashOn(
      world,
      arriving.filter((way) => way.to === to),
      "both",
    );
  const mutants: readonly (readonly [string, Mutant, Story, RegExp])[] = [
    ["an errand that is settled before it is answered", settlesWithoutWaiting, crashOnArrival, /in no room/],
    ["a call back that is forgotten", forgetsDeclines, zombieSource, /waiting:from and/],
    ["a refusal that is taken for the last word", believesRefusals, refusedThenOpen, /waiting:from and/],
    ["an arrival that is forgotten", forgetsArrivals, answerThatNeverComes, /waiting:from and/],
    ["a repeat that is not recognised", forgetsEverything, everythingTwice, /arrived twice/],
    ["a sleeping room that nobody wakes", setsNoAlarm, asleepOnTheWay, /never came to be/],
  ];
  for (const to of ["queue", "visit"] satisfies Target[]) {
    it.each(mutants)(`%s (to a ${to})`, async (_, mutant, story, words) => {
      expect(await found(story, mutant, to)()).toMatch(words);
    });
  }
});

import { setTimeout as delay } from "node:timers/promises";
import type { ClusterRoom } from "../../../core/protocol/cluster.ts";
import { between } from "../../durability/random.ts";
import { Refused } from "../stage/operator.ts";
import type { Process } from "../stage/stage.ts";
import type { Fault, Scene } from "./fault.ts";

const frozenMs = 10_000;
const cutMs = { least: 5_000, most: 12_000 };
const drainWithinMs = 60_000;
const roomsMoved = 8;
const moveAgainMs = 1_000;
const moveWithinMs = 15_000;
const startAgainMs = 500;
const startWithinMs = 60_000;

export const kill: Fault = {
  on: "process",
  strike: async (scene) => {
    const one = pickProcess(scene);
    await one.server.kill();
    await delay(between(scene.random, 0, 3_000));
    await startAgain(one);
    return { text: `${one.address} was killed and started again`, on: [one.address] };
  },
};

/** As whoever runs it in earnest does: a process that ends at its start, because the database is away, is started again. */
async function startAgain({ server }: Process): Promise<void> {
  for (const since = performance.now(); ; await delay(startAgainMs)) {
    try {
      return await server.start();
    } catch (error) {
      if (performance.now() - since > startWithinMs) throw error;
    }
  }
}

export const freeze: Fault = {
  on: "process",
  strike: async (scene) => {
    const one = pickProcess(scene);
    one.server.pause();
    await delay(frozenMs);
    one.server.resume();
    return { text: `${one.address} was frozen for ${frozenMs / 1_000} s`, on: [one.address] };
  },
};

export const drain: Fault = {
  on: "process",
  strike: async (scene) => {
    const { operator } = scene;
    const one = pickProcess(scene);
    const { id, rooms } = await operator.processAt(one.address);
    await operator.drain(id);
    const since = performance.now();
    for (;;) {
      const left = (await operator.rooms()).filter(({ process }) => process === id).length;
      if (left === 0) break;
      if (performance.now() - since > drainWithinMs)
        throw new Error(`${left} rooms stayed on ${one.address}`);
      await delay(100);
    }
    const seconds = ((performance.now() - since) / 1_000).toFixed(1);
    await operator.undrain(id);
    return { text: `${one.address} was drained of its ${rooms} rooms in ${seconds} s` };
  },
};

export const rollingRestart: Fault = {
  on: "process",
  strike: async ({ stage }) => {
    for (const one of stage.processes) {
      const exit = await one.server.stop();
      if (exit !== 0) throw new Error(`${one.address} ended with ${exit} when it was told to stop`);
      await startAgain(one);
    }
    return { text: "every process was told to stop and started again, one after another" };
  },
};

export const move: Fault = {
  on: "process",
  strike: async (scene) => {
    // After another fault nobody may take rooms for a moment.
    for (const since = performance.now(); ; await delay(moveAgainMs)) {
      const outcomes = await moveSome(scene);
      const moved = outcomes.filter((outcome) => outcome === "moved").length;
      if (moved > 0) return { text: `${moved} rooms were moved, ${outcomes.length - moved} stayed` };
      if (performance.now() - since > moveWithinMs)
        throw new Error(`no room could be moved: ${outcomes.join(", ")}`);
    }
  },
};

async function moveSome(scene: Scene): Promise<readonly string[]> {
  const rooms = [...(await scene.operator.rooms())];
  const outcomes: string[] = [];
  for (let n = 0; n < roomsMoved && rooms.length > 0; n += 1) {
    const [room] = rooms.splice(between(scene.random, 0, rooms.length - 1), 1);
    if (room) outcomes.push(await moveOne(scene, room));
  }
  return outcomes;
}

export const redisCut: Fault = {
  on: "process",
  strike: (scene) => cutOff(scene, "toRedis", "Redis"),
};

export const postgresCut: Fault = {
  on: "process",
  strike: (scene) => cutOff(scene, "toPostgres", "PostgreSQL"),
};

async function cutOff(scene: Scene, line: "toRedis" | "toPostgres", from: string) {
  const { random } = scene;
  const one = pickProcess(scene);
  const how = random() < 0.5 ? "refused" : "silent";
  const ms = between(random, cutMs.least, cutMs.most);
  one[line].cut(how);
  await delay(ms);
  one[line].mend();
  return { text: `${one.address} was cut off from ${from} for ${ms} ms (${how})`, on: [one.address] };
}

/** A room that is in the middle of something, or has just gone elsewhere, stays. */
async function moveOne({ operator }: Scene, room: ClusterRoom): Promise<string> {
  try {
    await operator.move(room, null);
    return "moved";
  } catch (error) {
    return error instanceof Refused ? error.code : "no answer";
  }
}

function pickProcess({ stage, random }: Scene): Process {
  const one = stage.processes[between(random, 0, stage.processes.length - 1)];
  if (!one) throw new Error("there is no process");
  return one;
}

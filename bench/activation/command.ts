import { assertDurable, startPostgres } from "../../test/support/postgres.ts";
import { temporaryFolder } from "../../test/support/processes.ts";
import { startRedis } from "../../test/support/redis.ts";
import { rotate } from "../fanout/rounds.ts";
import { describeMachine } from "../machine.ts";
import { profileFlags, profileFolder, summarise } from "../profile.ts";
import { figuresOf, type Wakes } from "./figures.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { progressLine, report } from "./report.ts";
import { wakeGroup } from "./wake.ts";
import { type Ending, end, makeWorld, type Services, type World } from "./world.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);
const endings: readonly Ending[] = ["slept", "crashed"];

/**
 * The activation benchmark: how long whoever comes to a sleeping room waits for its first answer, by how much has
 * ever happened in it. Returns the exit code.
 */
export async function activation(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  const postgres = await startPostgres();
  const redis = await startRedis();
  const folder = temporaryFolder("bench");
  try {
    await run(options, { postgres, redis, dataDir: folder.path });
    return 0;
  } finally {
    await Promise.all([postgres.dispose(), redis.dispose()]);
    folder.remove();
  }
}

async function run(options: Options, services: Services): Promise<void> {
  const since = Date.now();
  const machine = await describeMachine(services.postgres.url);
  say(`One wake at a time, each room new to its process. ${machine.summary}`);
  const world = await makeWorld(services, options, say);
  const wakes = await measureRounds(world, services, options);
  await assertDurable(services.postgres.url);

  const figures = figuresOf(wakes, options.histories);
  say(`\n${report(wakes, figures)}`);
  if (options.profile) say(`\n${summarise(profileFolder("activation", options.profile), since)}`);
  if (options.json) say(JSON.stringify({ ...figures, wakes, machine }));
}

/** Each round a start for each ending, and every group in turn; each round begins with another group. */
async function measureRounds(
  world: World,
  { postgres, redis }: Services,
  options: Options,
): Promise<readonly Wakes[]> {
  const wakes: Wakes[] = [];
  const nodeOptions = options.profile ? profileFlags(profileFolder("activation", options.profile)) : [];
  for (let round = 0; round < options.rounds; round++) {
    for (const ending of rotate(endings, round)) {
      await world.prepare(ending);
      const server = await world.start(nodeOptions);
      const processes = [
        { name: "server", pid: server.pid(), family: false },
        { name: "postgres", pid: postgres.pid(), family: true },
        { name: "redis", pid: redis.pid(), family: false },
      ];
      await wakeGroup(server.url, { name: "warm-up", rooms: world.warmUp }, processes);
      const groups = [];
      for (const group of rotate(world.groups, round)) {
        const woken = await wakeGroup(server.url, group, processes);
        groups.push(woken);
        say(progressLine(ending, woken));
      }
      wakes.push({ ending, groups });
      await end(server);
    }
    say(`round ${round + 1} of ${options.rounds} done`);
  }
  return wakes;
}

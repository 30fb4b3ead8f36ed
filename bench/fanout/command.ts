import { assertDurable, startPostgres } from "../../test/support/postgres.ts";
import { temporaryFolder } from "../../test/support/processes.ts";
import { startRedis } from "../../test/support/redis.ts";
import { describeMachine } from "../machine.ts";
import { profileFlags, profileFolder, summarise } from "../profile.ts";
import { findBestPool } from "./best-pool.ts";
import { colyseus, type Services, socketIo, ws } from "./contestants/baselines.ts";
import { hugmedo } from "./contestants/hugmedo.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { ratios } from "./ratios.ts";
import { progressLine, report } from "./report.ts";
import { measureRounds, type Round } from "./rounds.ts";
import { type Contestant, type ContestantName, membersPerRoom, roomCount } from "./shape.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/**
 * The fan-out benchmark: what durability, order and policy cost us, beside servers that have none of it and
 * one that stores messages the usual way. Returns the exit code.
 */
export async function fanout(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  const postgres = await startPostgres({ settings: { max_connections: 200 } });
  const redis = await startRedis();
  const folder = temporaryFolder("bench");
  try {
    await run(options, { postgres, redis }, folder.path);
    return 0;
  } finally {
    await Promise.all([postgres.dispose(), redis.dispose()]);
    folder.remove();
  }
}

async function run(options: Options, services: Services, dataDir: string): Promise<void> {
  const since = Date.now();
  const machine = await describeMachine(services.postgres.url);
  say(`${roomCount} rooms × ${membersPerRoom} members, 200-byte bodies, open loop. ${machine.summary}`);
  const pool = options.contestants.some((name) => name.startsWith("socket.io"))
    ? await findBestPool(services, options.pools, say)
    : null;
  if (pool !== null) say(`socket.io runs with a pool of ${pool}`);

  const setting = { services, pool: pool ?? 10, dataDir, profile: options.profile };
  const contestants = options.contestants.map((name) => create(name, setting));
  const rounds: Round[] = [];
  for await (const round of measureRounds(contestants, options, (name, result) =>
    say(progressLine(name, result)),
  )) {
    rounds.push(round);
    say(`round ${rounds.length} of ${options.rounds} done`);
  }
  await assertDurable(services.postgres.url);

  const result = ratios(rounds);
  say(`\n${report(rounds, result)}`);
  if (options.profile) for (const name of options.contestants) say(profileOf(name, options.profile, since));
  if (options.json) say(JSON.stringify({ rounds, ratios: result, machine, pool }));
}

interface Setting {
  readonly services: Services;
  readonly pool: number;
  readonly dataDir: string;
  readonly profile: string | null;
}

function create(name: ContestantName, { services, pool, dataDir, profile }: Setting): Contestant {
  const nodeOptions = profile === null ? [] : profileFlags(profileFolder(name, profile));
  switch (name) {
    case "hugmedo":
      return hugmedo({ postgres: services.postgres, dataDir, nodeOptions, notice: say });
    case "ws":
      return ws(nodeOptions);
    case "colyseus":
      return colyseus(nodeOptions);
    default:
      return socketIo(services, { pool, batched: name === "socket.io-batched", nodeOptions });
  }
}

function profileOf(name: ContestantName, base: string, since: number): string {
  return `\n${name}\n${summarise(profileFolder(name, base), since)}`;
}

import { assertDurable, startPostgres } from "../../test/support/postgres.ts";
import { temporaryFolder } from "../../test/support/processes.ts";
import { startRedis } from "../../test/support/redis.ts";
import { describeMachine } from "../machine.ts";
import { post } from "../product.ts";
import { profileFlags, profileFolder, summarise } from "../profile.ts";
import { type Cluster, type Member, makeRooms, openCluster, type Services, settled } from "./cluster.ts";
import { type Drain, drain } from "./drain.ts";
import { figuresOf } from "./figures.ts";
import { startCrowds } from "./load/orders.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { progressLine, report } from "./report.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/**
 * The hand-off benchmark: a process is drained into another one while people write in all of its rooms. What do
 * they notice, and is anything lost? Returns the exit code.
 */
export async function handoff(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  return await withServices((services) => run(options, services));
}

/** A PostgreSQL, a Redis and a folder for keys, for as long as the work takes. */
export async function withServices(work: (services: Services) => Promise<void>): Promise<number> {
  const postgres = await startPostgres({ settings: { max_connections: 200 } });
  const redis = await startRedis();
  const folder = temporaryFolder("bench");
  try {
    await work({ postgres, redis, dataDir: folder.path });
    return 0;
  } finally {
    await Promise.all([postgres.dispose(), redis.dispose()]);
    folder.remove();
  }
}

async function run(options: Options, services: Services): Promise<void> {
  const since = Date.now();
  const { rooms, membersPerRoom, rate, profile } = options;
  const machine = await describeMachine(services.postgres.url);
  say(
    `${rooms} rooms × ${membersPerRoom} members, ${rate} message(s)/s a room, open loop. ${machine.summary}`,
  );
  const nodeOptions = profile === null ? [] : profileFlags(profileFolder("handoff", profile));
  const cluster = await openCluster(services, "handoff", nodeOptions);
  const crowds = startCrowds(options.clients);
  const members: Member[] = [];
  try {
    const first = await cluster.start("A");
    members.push(first);
    const places = await makeRooms(cluster, services.dataDir, first, options);
    await crowds.join(places, options.client);
    members.push(await cluster.start("B"));
    await settled();
    const drains = await measureRounds({ cluster, crowds, members }, options);
    await assertDurable(cluster.database);

    const figures = figuresOf(drains);
    say(`\n${report(drains, figures)}`);
    await crowds.end();
    for (const { server } of members) await server.stop();
    if (profile) say(`\n${summarise(profileFolder("handoff", profile), since)}`);
    if (options.json) say(JSON.stringify({ ...figures, drains, options, machine }));
  } finally {
    await crowds.end();
    for (const { server } of members) await server.dispose();
  }
}

interface Parts {
  readonly cluster: Cluster;
  readonly crowds: ReturnType<typeof startCrowds>;
  readonly members: Member[];
}

/** There and back again; the process that was drained takes rooms again afterwards, or is started anew. */
async function measureRounds(
  { cluster, crowds, members }: Parts,
  options: Options,
): Promise<readonly Drain[]> {
  const drains: Drain[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const [from, to] = members;
    if (!from || !to) throw new Error("A drain needs two processes.");
    await crowds.elsewhere(`http://127.0.0.1:${to.server.port}`);
    const result = await drain(cluster, crowds, { from, to }, options);
    drains.push(result);
    say(`drain ${round + 1} of ${options.rounds}: ${progressLine(result)}`);
    members.splice(0, 2, to, await ready(cluster, from, options));
    await settled();
  }
  return drains;
}

async function ready(cluster: Cluster, drained: Member, { by }: Options): Promise<Member> {
  if (by === "sigterm") {
    await drained.server.dispose();
    return cluster.start(drained.name);
  }
  const { server, id } = drained;
  await post(
    `http://127.0.0.1:${server.port}/v1/cluster/processes/${id}/undrain`,
    cluster.operator.token,
    {},
  );
  return drained;
}

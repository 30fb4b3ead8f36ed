import { assertDurable } from "../../test/support/postgres.ts";
import { type Member, makeRooms, openCluster, type Services, settled } from "../handoff/cluster.ts";
import { withServices } from "../handoff/command.ts";
import { startCrowds } from "../handoff/load/orders.ts";
import { describeMachine } from "../machine.ts";
import { profileFlags, profileFolder, summarise } from "../profile.ts";
import { type Kill, kill } from "./kill.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { figuresOf, progressLine, report } from "./report.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/**
 * The failover benchmark: a process is killed while people write in all of its rooms. How long until every room
 * answers again, on the other process? Returns the exit code.
 */
export async function failover(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  return await withServices((services) => run(options, services));
}

async function run(options: Options, services: Services): Promise<void> {
  const since = Date.now();
  const { rooms, membersPerRoom, rate, profile } = options;
  const machine = await describeMachine(services.postgres.url);
  say(
    `${rooms} rooms × ${membersPerRoom} members, ${rate} message(s)/s a room, open loop. ${machine.summary}`,
  );
  const nodeOptions = profile === null ? [] : profileFlags(profileFolder("failover", profile));
  const cluster = await openCluster(services, "failover", nodeOptions);
  const crowds = startCrowds(options.clients);
  const members: Member[] = [];
  try {
    const first = await cluster.start("A");
    members.push(first);
    const places = await makeRooms(cluster, services.dataDir, first, options);
    await crowds.join(places, "lean");
    members.push(await cluster.start("B"));
    const kills: Kill[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const [victim, survivor] = members;
      if (!victim || !survivor) throw new Error("A failover needs two processes.");
      await settled();
      const result = await kill(cluster, crowds, { victim, survivor }, options);
      kills.push(result);
      say(`kill ${round + 1} of ${options.rounds}: ${progressLine(result)}`);
      members.splice(0, 2, survivor, await cluster.start(victim.name));
    }
    await assertDurable(cluster.database);

    const figures = figuresOf(kills);
    say(`\n${report(kills, figures)}`);
    await crowds.end();
    for (const { server } of members) await server.stop();
    if (profile) say(`\n${summarise(profileFolder("failover", profile), since)}`);
    if (options.json) say(JSON.stringify({ ...figures, kills, options, machine }));
  } finally {
    await crowds.end();
    for (const { server } of members) await server.dispose();
  }
}

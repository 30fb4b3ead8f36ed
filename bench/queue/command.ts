import { assertDurable, startPostgres } from "../../test/support/postgres.ts";
import { temporaryFolder } from "../../test/support/processes.ts";
import { rotate } from "../fanout/rounds.ts";
import { describeMachine } from "../machine.ts";
import { profileFlags, profileFolder, summarise } from "../profile.ts";
import { seedClinic } from "./clinic.ts";
import { figuresOf, type Round } from "./figures.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { progressLine, report } from "./report.ts";
import { QueueStand, type SizeResult } from "./stand.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/**
 * The queue benchmark: what a command of the staff costs and how soon everyone concerned knows, by how many
 * wait. It ends with an error when anyone is told what does not concern them, or is not told what does.
 * Returns the exit code.
 */
export async function queue(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  const postgres = await startPostgres({ settings: { max_connections: 200 } });
  const folder = temporaryFolder("bench");
  const stands: QueueStand[] = [];
  const since = Date.now();
  try {
    const machine = await describeMachine(postgres.url);
    say(`${options.staff} staff, one command at a time. ${machine.summary}`);
    const people = { patients: Math.max(...options.sizes), staff: options.staff };
    const clinic = await seedClinic(postgres, folder.path, people);
    for (const size of options.sizes) {
      const stand = await QueueStand.open(clinic, size, {
        connected: options.connected,
        nodeOptions: options.profile === null ? [] : profileFlags(folderOf(size, options.profile)),
      });
      stands.push(stand);
      say(`${size} waiting, ${stand.connected} of them connected`);
      await stand.warmUp(options.warmUp);
    }
    const rounds = await measureRounds(stands, options);
    await assertDurable(postgres.url);
    await Promise.all(stands.splice(0).map((stand) => stand.close()));

    const figures = figuresOf(rounds);
    say(`\n${report(rounds, figures)}`);
    const { profile, sizes } = options;
    if (profile) for (const size of sizes) say(`\n${size}\n${summarise(folderOf(size, profile), since)}`);
    if (options.json) say(JSON.stringify({ ...figures, rounds, machine }));
    return 0;
  } finally {
    await Promise.all(stands.map((stand) => stand.close()));
    await postgres.dispose();
    folder.remove();
  }
}

/** Every size in turn, round after round; each round begins with another. */
async function measureRounds(stands: readonly QueueStand[], options: Options): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const sizes: (SizeResult & { size: number })[] = [];
    for (const stand of rotate(stands, round)) {
      const result = await stand.measure(options);
      sizes.push({ size: stand.size, ...result });
      say(progressLine(stand.size, result));
    }
    rounds.push({ sizes });
    say(`round ${rounds.length} of ${options.rounds} done`);
  }
  return rounds;
}

function folderOf(size: number, base: string): string {
  return profileFolder(`queue-${size}`, base);
}

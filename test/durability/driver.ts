/**
 * The people, in a process of their own: `driver.ts <url>,… <file> <seed> <rooms> <rate>`. It is told what to do
 * by its parent and ends with it. What it sees goes to the file, one observation a line.
 */
import type { DriverOrder, DriverReport } from "./driver-protocol.ts";
import { Load } from "./load.ts";
import { randomFrom } from "./random.ts";
import { recordedSession } from "./recorded-session.ts";
import { Recorder } from "./recorder.ts";

const people = ["clinician", "clinician2", "patient", "patient2", "desk"];
/** How often the number of acknowledgements is told (ms). */
const reportEvery = 10;

const [urls = "", file = "", seed = "1", rooms = "1", rate = "1"] = process.argv.slice(2);

const servers = urls.split(",");
const recorder = new Recorder(file);
const sessions = await Promise.all(
  people.map((name, i) => recordedSession(servers[i % servers.length] ?? "", name, recorder)),
);
const load = await Load.prepare({
  sessions,
  rooms: Number(rooms),
  rate: Number(rate),
  random: randomFrom(Number(seed)),
  recorder,
});

function tell(report: DriverReport): void {
  process.send?.(report);
}

async function settle(withinMs: number): Promise<void> {
  load.stop();
  const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs));
  await Promise.race([load.settle(), late]);
  const { unsettled } = load;
  load.end();
  await recorder.close();
  tell({ is: "settled", unsettled });
}

process.on("message", (order: DriverOrder) => {
  if (order.does === "start") load.start();
  if (order.does === "settle") void settle(order.withinMs);
});
process.on("disconnect", () => process.exit());

let told = 0;
setInterval(() => {
  if (recorder.acks === told) return;
  told = recorder.acks;
  tell({ is: "acks", count: told });
}, reportEvery);
tell({ is: "ready", chats: load.chats });

import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { freePort } from "../../test/support/ports.ts";
import { assertDurable, type Postgres, query, startPostgres } from "../../test/support/postgres.ts";
import { temporaryFolder } from "../../test/support/processes.ts";
import { type Server, startServer } from "../../test/support/server.ts";
import { describeMachine } from "../machine.ts";
import { type Account, databaseUrl, post, seedAccounts, startProduct } from "../product.ts";
import { percentile, spread } from "../statistics.ts";
import { table } from "../table.ts";

const usage = `npm run bench -- api [--rounds 3] [--seconds 4] [--at-once 8] [--page 50] [--json]
A page of history and a room's command by REST, beside a bare Express route that does the same to the same PostgreSQL.`;

const bodyText = "予約の件でご連絡しました。明日の午前十時で大丈夫でしょうか。".repeat(3);
const say = (text: string) => process.stdout.write(`${text}\n`);

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly atOnce: number;
  readonly page: number;
  readonly json: boolean;
}

/** One route, asked again and again. */
interface Route {
  readonly name: "history" | "history, bare" | "command" | "command, bare";
  ask(): Promise<Response>;
}

interface Result {
  readonly name: Route["name"];
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** Returns the exit code. */
export async function api(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  const postgres = await startPostgres();
  const folder = temporaryFolder("bench");
  const servers: Server[] = [];
  try {
    const machine = await describeMachine(postgres.url);
    say(`${options.atOnce} requests at once, pages of ${options.page}. ${machine.summary}`);
    const routes = await openRoutes(postgres, folder.path, options, servers);
    for (const route of routes) await measure(route, { ...options, seconds: 1 });
    const results: Result[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const turned = round % 2 === 0 ? routes : routes.toReversed();
      for (const route of turned) results.push(await measure(route, options));
      say(`round ${round + 1} of ${options.rounds} done`);
    }
    await assertDurable(postgres.url);
    const figures = figuresOf(results);
    say(`\n${report(figures)}`);
    if (options.json) say(JSON.stringify({ figures, results, machine }));
    return 0;
  } finally {
    for (const server of servers) await server.dispose();
    await postgres.dispose();
    folder.remove();
  }
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "4" },
      "at-once": { type: "string", default: "8" },
      page: { type: "string", default: "50" },
      json: { type: "boolean", default: false },
    },
  });
  const { rounds, seconds, page, json } = values;
  return {
    rounds: Number(rounds),
    seconds: Number(seconds),
    atOnce: Number(values["at-once"]),
    page: Number(page),
    json,
  };
}

async function openRoutes(
  postgres: Postgres,
  dataDir: string,
  { page }: Options,
  servers: Server[],
): Promise<Route[]> {
  const url = await postgres.createDatabase("product").then(() => databaseUrl(postgres, "product"));
  const [account] = await seedAccounts(url, dataDir, ["writer"], "clinician");
  if (!account) throw new Error("nobody to ask as");
  const limits = { COMMANDS_PER_SECOND: "10000", API_READS_PER_SECOND: "100000" };
  const product = await startProduct({ databaseUrl: url, dataDir, env: limits });
  servers.push(product);
  const bareUrl = await postgres.createDatabase("bare");
  await seedBare(bareUrl);
  const port = await freePort();
  const bare = await startServer({
    port,
    dataDir,
    entry: ["bench/api/bare-server.ts", bareUrl, String(port)],
    env: {},
  });
  servers.push(bare);
  return productRoutes(product.url, account, page).then((ours) => [
    ...ours,
    ...bareRoutes(`http://127.0.0.1:${port}`, page),
  ]);
}

async function productRoutes(url: string, { token }: Account, page: number): Promise<Route[]> {
  const { id } = await post(`${url}/v1/chats`, token, { title: "Benchmark", members: [] });
  const commands = `${url}/v1/rooms/chat/${id}/commands`;
  const say = () => ({ name: "chat.send", payload: { id: randomUUID(), body: bodyText } });
  for (let n = 0; n < page * 2; n += 1) await post(commands, token, say());
  const headers = { authorization: `Bearer ${token}` };
  return [
    { name: "history", ask: () => fetch(`${url}/v1/rooms/chat/${id}/messages?limit=${page}`, { headers }) },
    { name: "command", ask: () => fetch(commands, asPost(say(), headers)) },
  ];
}

function bareRoutes(url: string, page: number): Route[] {
  return [
    { name: "history, bare", ask: () => fetch(`${url}/messages?limit=${page}`) },
    {
      name: "command, bare",
      ask: () => fetch(`${url}/messages`, asPost({ id: randomUUID(), body: bodyText })),
    },
  ];
}

function asPost(body: object, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
}

async function seedBare(url: string): Promise<void> {
  await query(url, "create table bare_room (room text primary key, seq bigint not null)");
  await query(
    url,
    "create table bare_message (room text, seq bigint, author text not null, at bigint not null, body text not null, primary key (room, seq))",
  );
  await query(url, "insert into bare_room values ('bench', 200)");
  await query(
    url,
    "insert into bare_message select 'bench', n, 'bench', n, $1 from generate_series(1, 200) n",
    [bodyText],
  );
}

/** So many ask in a row each, for so long. Throws where an answer is not good. */
async function measure({ name, ask }: Route, { atOnce, seconds }: Options): Promise<Result> {
  const times: number[] = [];
  const begun = performance.now();
  const until = begun + seconds * 1_000;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const since = performance.now();
      const response = await ask();
      const text = await response.text();
      if (!response.ok) throw new Error(`${name} answered ${response.status}: ${text}`);
      times.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const perSecond = (times.length * 1_000) / (performance.now() - begun);
  times.sort((a, b) => a - b);
  return { name, perSecond, medianMs: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
}

type Figures = readonly {
  readonly name: string;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly ratio: number | null;
}[];

/** Medians over the rounds; `ratio`: how often the bare route answers while ours answers once. */
function figuresOf(results: readonly Result[]): Figures {
  const medianOf = (name: string, pick: (one: Result) => number) =>
    spread(results.filter((one) => one.name === name).map(pick))?.median ?? Number.NaN;
  const names = [...new Set(results.map(({ name }) => name))].sort();
  return names.map((name) => {
    const perSecond = medianOf(name, (one) => one.perSecond);
    const bare = medianOf(`${name}, bare`, (one) => one.perSecond);
    return {
      name,
      perSecond,
      medianMs: medianOf(name, (one) => one.medianMs),
      p95Ms: medianOf(name, (one) => one.p95Ms),
      ratio: Number.isNaN(bare) ? null : bare / perSecond,
    };
  });
}

function report(figures: Figures): string {
  const rows = figures.map(({ name, perSecond, medianMs, p95Ms, ratio }) => [
    name,
    perSecond.toFixed(0),
    medianMs.toFixed(1),
    p95Ms.toFixed(1),
    ratio === null ? "" : `${ratio.toFixed(2)} ×`,
  ]);
  return table(["route", "requests/s", "median ms", "p95 ms", "bare is faster by"], rows);
}

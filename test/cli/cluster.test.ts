import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { ClusterControl } from "../../api/cluster-port.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { ids } from "../api/fake-cluster.ts";
import { type ApiFixture, startApi } from "../api/start-api.ts";
import { freePort } from "../support/ports.ts";
import { type Circumstances, hugmedo, plain, type Ran } from "./support.ts";

let api: ApiFixture;
let token: string;
const account = { username: "operator", password: "demo-operator" };

const run = (line: string, circumstances: Partial<Circumstances> = {}): Promise<Ran> =>
  hugmedo(line, { url: api.url, credentials: { token }, ...circumstances });
/** Has the cluster do something else until the test ends. */
const replace = (part: Partial<ClusterControl>): void => {
  const { processes, rooms, rebalance } = api.cluster;
  Object.assign(api.cluster, part);
  onTestFinished(() => void Object.assign(api.cluster, { processes, rooms, rebalance }));
};
const roomsOn = async (id: string) => (await api.cluster.rooms({ process: id, limit: 1_000 })).length;

beforeAll(async () => {
  api = await startApi();
  token = await api.token("operator");
});
afterAll(() => api.close());
beforeEach(() => {
  api.cluster.acts.length = 0;
  api.cluster.failures.length = 0;
  api.cluster.fragile.clear();
  api.cluster.pace = 10;
  for (const id of Object.values(ids)) api.cluster.remove(id);
  api.cluster.add(ids.a, 30);
  api.cluster.add(ids.b, 8, { load: 0.95 });
  api.cluster.put({ kind: "waiting", id: "desk" }, ids.b);
});

describe("status", () => {
  const now = () => 1_000 + 3 * 3_600_000;

  test("is a table that can be read at a glance", async () => {
    const { exitCode, out, err } = await run("cluster status", { now });
    expect(out).toBe(`\
PROCESS              STATE  ROOMS      PEOPLE      LOAD               SEEN  UP FOR  VERSION  ADDRESS
0a1b2c3d4e5f-00000a  up     ██████ 30  ██████ 120  ▊       12 %  0.1 s ago     3 h  0.1.0    0a1b:2567
0a1b99999999-00000b  up     █▊      9  █▋      32  █████▊  95 %  0.1 s ago     3 h  0.1.0    0a1b:2567

2 processes · 39 rooms · 152 people
`);
    expect([exitCode, err]).toEqual([0, ""]);
  });

  test("says what to do about what is not as it should be", async () => {
    api.cluster.add(ids.c, 0, { state: "draining" });
    api.cluster.change(ids.b, { state: "gone", silentMs: 65_000 });
    const { out } = await run("cluster status");
    expect(out).toContain("3 processes, 1 drained, 1 gone");
    expect(out).toMatch(/c0ffee000000-00000c +drained/);
    expect(out).toContain(`${ids.c} is empty: it can be stopped.`);
    expect(out).toContain(`${ids.b} has been silent for 1 min 5 s: the others take its rooms.`);
    api.cluster.change(ids.a, { state: "draining" });
    expect((await run("cluster status")).out).toContain("No process takes rooms: start one, or undrain one.");
  });

  test("of a process alone", async () => {
    for (const id of Object.values(ids)) api.cluster.remove(id);
    expect((await run("cluster status")).out).toMatch(/^No cluster: this process is alone/);
    expect((await run("cluster status --json")).json).toEqual({ ok: true, processes: [] });
  });

  test("has colours where a person looks who wants them, and fits narrow screens", async () => {
    api.cluster.change(ids.b, { state: "gone" });
    const coloured = await run("cluster status", { tty: "colours", now });
    expect(coloured.out).toContain("\u001b[32mup\u001b[39m");
    expect(coloured.out).toContain("\u001b[31m\u001b[1mgone");
    const uncoloured = await run("cluster status", { tty: "plain", now });
    expect(uncoloured.out).toBe(plain(coloured.out));
    expect(uncoloured.out).not.toContain("\u001b");
    const narrow = await run("cluster status", { tty: "plain", columns: 80, now });
    const [head = ""] = narrow.out.split("\n");
    expect(head).toContain("UP FOR");
    for (const line of narrow.out.split("\n").slice(0, 4)) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("as JSON is what the API says", async () => {
    const { json, out } = await run("cluster status --json");
    expect(json).toEqual({ ok: true, processes: await api.cluster.processes() });
    expect(out.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("rooms", () => {
  test("of all, of one process, of one kind", async () => {
    const { out } = await run("cluster rooms 0a1b9 --kind waiting");
    expect(out).toMatch(/^ROOM +PROCESS +EPOCH\nwaiting\/desk +0a1b99999999-00000b +\d+\n\n1 room\.\n$/);
    expect((await run("cluster rooms --kind waiting --json")).json).toMatchObject({
      ok: true,
      rooms: [{ kind: "waiting", id: "desk" }],
      more: false,
    });
    expect((await run("cluster rooms 0a1b2 --kind waiting")).out).toBe("There are no such rooms.\n");
  });

  test("over several pages, up to the limit", async () => {
    api.cluster.add(ids.c, 450);
    expect((await run("cluster rooms c0ff --limit 1000 --json")).json.rooms).toHaveLength(450);
    const some = await run("cluster rooms c0ff --limit 300");
    expect(some.out).toContain("300 rooms, and there are more: see --limit.");
    api.cluster.put({ kind: "chat", id: "sleepy" }, null);
    expect((await run("cluster rooms --limit 1000")).out).toMatch(/chat\/sleepy +asleep/);
  });
});

describe("drain", () => {
  test("waits until the process is empty", async () => {
    const { exitCode, out, err } = await run("cluster drain 0a1b2c", { tty: "plain" });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^0a1b2c3d4e5f-00000a is drained: 30 rooms gone in .*\. It can be stopped\.\n$/);
    expect(err).toMatch(/▕ {20}▏ 0 of 30 rooms gone/);
    expect(err).toMatch(/▕█{13}▍ {6}▏ 20 of 30 rooms gone · [\d.]+ a second · about [\d.]+ s left/);
    expect(await roomsOn(ids.a)).toBe(0);
    expect(api.cluster.acts).toEqual([`drain ${ids.a}`]);
  });

  test("as JSON has one line, and no progress", async () => {
    const { exitCode, out, err, json } = await run(`cluster drain ${ids.a} --json`);
    expect([exitCode, err, out.trimEnd().split("\n").length]).toEqual([0, "", 1]);
    expect(json).toMatchObject({
      ok: true,
      done: true,
      moved: 30,
      process: { id: ids.a, state: "draining" },
    });
    expect(json.seconds).toBeGreaterThan(0);
  });

  test("of an empty process is done at once", async () => {
    api.cluster.add(ids.c, 0);
    expect((await run("cluster drain c0ff --json")).json).toMatchObject({ done: true, moved: 0 });
  });

  test("need not be waited for", async () => {
    const { exitCode, out } = await run("cluster drain 0a1b2 --no-wait");
    expect(exitCode).toBe(0);
    expect(out).toContain(`${ids.a} drains: 30 rooms to go.`);
    expect((await run("cluster drain 0a1b2 --no-wait --json")).json).toMatchObject({ ok: true, done: false });
  });

  test("believes what a process says of itself only when its rooms are gone", async () => {
    api.cluster.pace = 0;
    const { processes } = api.cluster;
    replace({ processes: async () => (await processes()).map((one) => ({ ...one, rooms: 0 })) });
    expect((await run("cluster drain 0a1b2 --timeout 0.2")).exitCode).toBe(4);
  });

  test("rides out a server that does not answer for a while", async () => {
    const { pace } = api.cluster;
    api.cluster.pace = 0;
    const drained = run("cluster drain 0a1b2", { tty: "plain" });
    await expect.poll(() => api.cluster.acts.length).toBe(1);
    api.cluster.failures.push(new DomainError("unavailable"), new DomainError("busy"), new Error("oops"));
    await expect.poll(() => api.cluster.failures.length).toBe(0);
    api.cluster.pace = pace;
    const { exitCode, err } = await drained;
    expect(exitCode).toBe(0);
    expect(err).toContain("Trying again …");
  });

  test("ends well when the process has ended meanwhile", async () => {
    api.cluster.pace = 0;
    const drained = run("cluster drain 0a1b2");
    await expect.poll(() => api.cluster.acts.length).toBe(1);
    api.cluster.remove(ids.a);
    const { exitCode, out } = await drained;
    expect([exitCode, out]).toEqual([0, expect.stringContaining("It has ended.")]);
  });

  test.each([
    ["gone", "process_gone", "died while it drained, with 30 rooms"],
    ["up", "undrained", "Somebody has ended the drain"],
  ] as const)("fails when the process is %s meanwhile", async (state, code, words) => {
    api.cluster.pace = 0;
    const drained = run("cluster drain 0a1b2 --json");
    await expect.poll(() => api.cluster.acts.length).toBe(1);
    api.cluster.change(ids.a, { state });
    const { exitCode, err, json } = await drained;
    expect([exitCode, err]).toEqual([1, expect.stringContaining(words)]);
    expect(json).toMatchObject({
      ok: false,
      error: { code },
      process: { id: ids.a, state, rooms: 30 },
      moved: 0,
    });
  });

  test("that takes too long is not waited for any more, and goes on", async () => {
    api.cluster.pace = 0;
    const { exitCode, err, json } = await run("cluster drain 0a1b2 --timeout 0.05 --json");
    expect(exitCode).toBe(4);
    expect(err).toContain(`${ids.a} still has 30 rooms after 0.1 s. It goes on draining.`);
    expect(json).toMatchObject({ ok: false, error: { code: "timed_out" }, left: 30, moved: 0 });
    expect((await api.cluster.processes())[0]?.state).toBe("draining");
  });

  test("that is interrupted goes on too", async () => {
    api.cluster.pace = 0;
    const stop = new AbortController();
    const drained = run("cluster drain 0a1b2 --json", { signal: stop.signal });
    await expect.poll(() => api.cluster.acts.length).toBe(1);
    stop.abort();
    const { exitCode, err, json } = await drained;
    expect([exitCode, json.error.code]).toEqual([130, "interrupted"]);
    expect(err).toContain("What had begun goes on");
  });

  test("with nowhere to go says so", async () => {
    api.cluster.change(ids.b, { state: "gone" });
    const { exitCode, err } = await run("cluster drain 0a1b2 --timeout 0.02");
    expect([exitCode, err]).toEqual([4, expect.stringContaining("No other process takes rooms")]);
  });

  test("is undone by undrain", async () => {
    await run("cluster drain 0a1b2 --no-wait");
    const { exitCode, out } = await run("cluster undrain 0a1b2");
    expect([exitCode, out]).toEqual([0, expect.stringContaining(`${ids.a} takes rooms again.`)]);
    expect((await run("cluster undrain 0a1b2 --json")).json).toMatchObject({
      ok: true,
      process: { state: "up" },
    });
  });
});

describe("move", () => {
  test("to where there is room, or where one says", async () => {
    const { exitCode, out } = await run("cluster move waiting/desk");
    expect(exitCode).toBe(0);
    expect(out).toBe(
      `waiting/desk moved from ${ids.b} to ${ids.a}: 4 connections with it, no request waited longer than 13 ms.\n`,
    );
    expect((await run("cluster move waiting/desk --to 0a1b9 --json")).json).toEqual({
      ok: true,
      kind: "waiting",
      id: "desk",
      from: ids.a,
      to: ids.b,
      pauseMs: 12.5,
      seats: 4,
    });
  });

  test("takes a fragile room only by force", async () => {
    api.cluster.fragile.add("waiting:desk");
    const refused = await run("cluster move waiting/desk --json");
    expect(refused.exitCode).toBe(1);
    expect(refused.json).toMatchObject({ ok: false, error: { code: "room_fragile" } });
    expect((await run("cluster move waiting/desk --force")).exitCode).toBe(0);
  });

  test.each([
    ["chat/nowhere", "There is no room chat/nowhere."],
    ["chat/sleepy", "so it is on no process. Nothing needs to be moved."],
    ["waiting/desk --to 0a1b9", "There is no"],
    ["waiting/desk --to ffff", "No process is called ffff. There is: "],
    ["waiting/desk --to 0a1b", `Several begin with 0a1b. There is: ${ids.a}, ${ids.b}.`],
  ])("says why not: %s", async (what, words) => {
    api.cluster.put({ kind: "chat", id: "sleepy" }, null);
    if (what.endsWith("0a1b9")) api.cluster.put({ kind: "waiting", id: "desk" }, null);
    const { exitCode, err, out } = await run(`cluster move ${what}`);
    expect([exitCode, out]).toEqual([1, ""]);
    expect(err).toContain(what.endsWith("0a1b9") ? "Nothing needs to be moved" : words);
  });
});

describe("rebalance", () => {
  test("shows its plan, and with --dry-run does no more", async () => {
    const { exitCode, out } = await run("cluster rebalance --dry-run");
    expect(exitCode).toBe(0);
    expect(out).toContain(`${ids.a}     30     20     −10`);
    expect(out).toContain(`${ids.b}      9     19     +10`);
    expect(out).toMatch(new RegExp(`chat/a-0 +${ids.a} +${ids.b}\n`));
    expect(out).toMatch(/Nothing was moved: this was a dry run\.\n$/);
    const { json } = await run("cluster rebalance --dry-run --json");
    expect([json.ok, json.started, json.moves.length]).toEqual([true, false, 10]);
    expect(await roomsOn(ids.a)).toBe(30);
    expect(api.cluster.acts).toEqual(["plan", "plan"]);
  });

  test("waits until the rooms are even", async () => {
    const { rooms, processes } = api.cluster;
    api.cluster.pace = 3;
    replace({ rooms: async (query) => processes().then(() => rooms(query)) });
    const { exitCode, out, err } = await run("cluster rebalance", { tty: "plain" });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/Done: 10 rooms moved in .*\.\n$/);
    expect(err).toContain("6 of 10 rooms moved");
    expect(Math.abs((await roomsOn(ids.a)) - (await roomsOn(ids.b)))).toBeLessThanOrEqual(1);
    expect((await run("cluster rebalance")).out).toContain("There is nothing to move.");
  });

  test("says when what is left does not move", async () => {
    api.cluster.pace = 0;
    const { exitCode, err, json } = await run("cluster rebalance --json");
    expect([exitCode, err]).toEqual([1, expect.stringContaining("10 rooms did not move")]);
    expect(json).toMatchObject({ ok: false, error: { code: "stalled" }, planned: 10, moved: 0, left: 10 });
  });

  test("is done with what was planned, whatever else happens meanwhile", async () => {
    api.cluster.pace = 0;
    const { rebalance } = api.cluster;
    replace({
      rebalance: async (asked) => {
        const plan = await rebalance(asked);
        api.cluster.add(ids.c, 50);
        for (const { kind, id } of plan.moves) api.cluster.put({ kind, id }, null);
        return plan;
      },
    });
    const { exitCode, json } = await run("cluster rebalance --json");
    expect([exitCode, json.done, json.moved]).toEqual([0, true, 10]);
  });

  test("need not be waited for", async () => {
    const { exitCode, out } = await run("cluster rebalance --no-wait");
    expect([exitCode, out]).toEqual([0, expect.stringContaining("It has begun.")]);
    expect(api.cluster.acts).toEqual(["rebalance"]);
  });
});

describe("watch", () => {
  /** Runs it until what it wrote is as wanted. */
  const watchUntil = (
    wanted: (out: string) => boolean,
    line = "",
    circumstances: Partial<Circumstances> = {},
  ) => {
    const stop = new AbortController();
    const wrote = (all: string) => {
      if (wanted(all)) stop.abort();
    };
    return run(`cluster watch --interval 0.1 ${line}`, { ...circumstances, signal: stop.signal, wrote });
  };

  test("as JSON has an object a line, and waits for a server that does not answer", async () => {
    api.cluster.failures.push(new DomainError("unavailable"));
    const { exitCode, out } = await watchUntil((all) => all.split("\n").length > 3, "--json");
    expect(exitCode).toBe(0);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({
      at: expect.any(Number),
      error: { code: "unavailable", message: expect.any(String) },
    });
    expect(lines[1]).toMatchObject({ at: expect.any(Number), processes: [{ id: ids.a }, { id: ids.b }] });
  });

  test("to a log is a table, and then what changes", async () => {
    const changes = [
      () => api.cluster.change(ids.a, { state: "draining" }),
      () => api.cluster.failures.push(new DomainError("unavailable"), new DomainError("unavailable")),
      () => api.cluster.add(ids.c, 0),
      () => api.cluster.remove(ids.b),
    ];
    let seen = 0;
    const { exitCode, out } = await watchUntil((all) => {
      const lines = all.split("\n").length;
      if (lines > seen) changes.shift()?.();
      seen = lines;
      return all.includes("ended");
    });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^PROCESS/);
    expect(out).toMatch(/\n\d\d:\d\d:\d\d {2}0a1b2c3d4e5f-00000a up → draining\n/);
    expect(out).toMatch(/ {2}0a1b2c3d4e5f-00000a 30 → 20 rooms\n/);
    expect(out.match(/cannot be reached/g)).toHaveLength(1);
    expect(out).toMatch(/ {2}It answers again\.\n/);
    expect(out).toMatch(/ {2}c0ffee000000-00000c started at c0ff:2567\n/);
    expect(out).toMatch(/ {2}0a1b99999999-00000b ended/);
  });

  test("on a screen shows the present and leaves the screen as it was", async () => {
    let looks = 0;
    const { exitCode, out } = await watchUntil(
      (all) => {
        if (all.split("Ctrl-C ends").length > 2) api.cluster.change(ids.a, { state: "draining" });
        looks += 1;
        return all.includes("−10") || looks > 100;
      },
      "",
      { tty: "colours" },
    );
    expect(exitCode).toBe(0);
    expect(out.startsWith("\u001b[?1049h")).toBe(true);
    expect(out.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
    expect(plain(out)).toMatch(/ROOMS +CHANGE +PEOPLE/);
    expect(plain(out)).toMatch(/\d\d:\d\d:\d\d {2}0a1b2c3d4e5f-00000a up → draining/);
  });

  test("goes on when the access token expires, in the same session", async () => {
    const signIns = () => api.log.filter(({ route }) => route === "/v1/auth/token").length;
    const before = signIns();
    let looks = 0;
    const { exitCode } = await watchUntil(
      () => {
        looks += 1;
        if (looks === 1) api.clock.time += 3_600_000;
        return looks === 3;
      },
      "--json",
      { credentials: account },
    );
    api.clock.time -= 3_600_000;
    expect(exitCode).toBe(0);
    expect(signIns() - before).toBe(1);
    expect(api.log.some(({ route }) => route === "/v1/auth/refresh")).toBe(true);
  });
});

describe("who asks", () => {
  test("signs in, and out again", async () => {
    const before = api.log.length;
    await run("cluster status", { credentials: account });
    const routes = api.log.slice(before).map(({ route }) => route);
    expect(routes).toEqual(["/v1/auth/token", "/v1/cluster/processes", "/v1/auth/logout"]);
  });

  test("may show a token instead", async () => {
    const before = api.log.length;
    expect((await run("cluster status", { credentials: { token } })).exitCode).toBe(0);
    expect(api.log.slice(before).map(({ route }) => route)).toEqual(["/v1/cluster/processes"]);
  });

  test.each([
    [{ username: "admin", password: "demo-admin" }, "forbidden", "it takes the role operator"],
    [{ username: "operator", password: "wrong-secret" }, "credentials_rejected", "password is wrong"],
    [{ token: "not-a-secret-token" }, "unauthenticated", "The token of HUGMEDO_TOKEN is not valid"],
  ])("and may not: %o", async (credentials, code, words) => {
    const { exitCode, err, out, json } = await run("cluster status --json", { credentials });
    expect([exitCode, json.error.code]).toEqual([1, code]);
    expect(err).toContain(words);
    expect(out + err).not.toContain("secret");
  });
});

describe("what is not a command", () => {
  test.each([
    ["", "hugmedo cluster status"],
    ["cluster", "hugmedo cluster status"],
    ["drain", 'There is no command "drain". There is: hugmedo cluster status, '],
    ["cluster drian", 'There is no command "cluster drian".'],
    ["cluster status --fast", "Unknown option '--fast'. See hugmedo cluster status --help."],
    ["cluster status now", "It is: hugmedo cluster status."],
    ["cluster drain", "It is: hugmedo cluster drain <process>."],
    ["cluster drain a b", "It is: hugmedo cluster drain <process>."],
    ["cluster drain 0a1b2 --timeout soon", "--timeout takes seconds"],
    ["cluster drain 0a1b2 --timeout -1", "--timeout"],
    ["cluster move desk", "desk is no room"],
    ["cluster move bar/desk", "bar/desk is no room"],
    ["cluster move chat/a/b", "chat/a/b is no room"],
    ["cluster rooms --kind bar", "--kind takes chat, waiting or consultation."],
    ["cluster rooms --limit 0", "--limit takes"],
    ["cluster watch --interval 0", "--interval takes seconds"],
    ["cluster status --url localhost", "localhost is no address of a server"],
    ["cluster status --url ftp://localhost", "ftp://localhost is no address of a server"],
  ])("%j", async (line, words) => {
    const { exitCode, out, err } = await run(line);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(words);
    expect(api.cluster.acts).toEqual([]);
  });

  test("nor is one by nobody", async () => {
    const { exitCode, err } = await run("cluster status", { credentials: null });
    expect([exitCode, err]).toEqual([2, expect.stringContaining("set HUGMEDO_TOKEN, or HUGMEDO_USER")]);
  });
});

describe("a server that does not do its part", () => {
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  };

  test("is not there", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, err, json } = await run("cluster status --json", { url });
    expect([exitCode, json.error.code]).toEqual([3, "unreachable"]);
    expect(err).toContain(`Nothing answers at ${url}/. Is the server running?`);
    const nowhere = await run("cluster status --url http://nowhere.invalid");
    expect([nowhere.exitCode, nowhere.err]).toEqual([3, expect.stringContaining("nowhere.invalid")]);
  });

  test("is another address than was set", async () => {
    const { exitCode } = await run(`cluster status --url ${api.url}`, { url: "http://nowhere.invalid" });
    expect(exitCode).toBe(0);
  });

  test("does not answer in time", async () => {
    const url = await serve(() => {});
    const { exitCode, err } = await run("cluster status", { url, answerWithinMs: 50 });
    expect([exitCode, err]).toEqual([3, expect.stringContaining("within 0.1 s")]);
  });

  test.each([
    [
      "is another program",
      200,
      "text/html",
      "<h1>Hello</h1>",
      "is not HugMeDo, or it is not ready (HTTP 200)",
    ],
    ["is a proxy with nothing behind it", 502, "text/html", "Bad gateway", "(HTTP 502)"],
  ])("%s", async (_, status, type, body, words) => {
    const url = await serve((_request, response) => {
      response.writeHead(status, { "content-type": type }).end(body);
    });
    const { exitCode, err } = await run("cluster status", { url });
    expect([exitCode, err]).toEqual([3, expect.stringContaining(words)]);
  });

  test("refers elsewhere: what is secret is not sent there", async () => {
    const seen: string[] = [];
    const other = await serve((request, response) => {
      seen.push(request.url ?? "");
      response.end("{}");
    });
    const url = await serve((_request, response) => {
      response.writeHead(307, { location: `${other}/v1/auth/token` }).end();
    });
    const { exitCode, err } = await run("cluster status", { url });
    expect([exitCode, err]).toEqual([3, expect.stringContaining(`refers to ${other}: give that as --url.`)]);
    expect(seen).toEqual([]);
  });

  test("answers in a form that is not known", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end('{"items":[{"id":1}]}');
    });
    const { exitCode, json } = await run("cluster status --json", { url });
    expect([exitCode, json.error.code]).toEqual([1, "unknown_form"]);
  });

  test("cannot reach its database", async () => {
    api.cluster.failures.push(new DomainError("unavailable"));
    expect((await run("cluster status")).exitCode).toBe(3);
  });

  test("breaks off during a move: then it is not known whether the room has moved", async () => {
    const url = await serve((request) => request.socket.destroy());
    const { exitCode, err } = await run("cluster move waiting/desk", { url });
    expect([exitCode, err]).toEqual([3, expect.stringContaining("Whether the room has moved is not known.")]);
  });
});

describe("help", () => {
  test("says all that there is", async () => {
    const texts = await Promise.all(
      ["--help", "-h", "help", "cluster --help", "cluster help"].map((line) => run(line)),
    );
    const [first] = texts;
    for (const { exitCode, out, err } of texts) expect([exitCode, out, err]).toEqual([0, first?.out, ""]);
    for (const name of ["status", "watch", "rooms", "drain", "undrain", "move", "rebalance"]) {
      expect(first?.out).toContain(`hugmedo cluster ${name}`);
      const { exitCode, out } = await run(`cluster ${name} --help`, { credentials: null, url: "nowhere" });
      expect(exitCode).toBe(0);
      expect(out).toMatch(new RegExp(`^hugmedo cluster ${name} `));
      for (const part of [
        "HUGMEDO_TOKEN",
        "HUGMEDO_URL",
        "--json",
        "--url",
        "4  not done",
        `  hugmedo cluster ${name}`,
      ])
        expect(out).toContain(part);
      for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
    }
    expect((await run("cluster drain --help")).out).toContain("--timeout <seconds>");
    expect((await run("--version")).out).toBe("1.2.3\n");
  });
});

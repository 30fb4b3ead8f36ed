import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { roles } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { ids } from "./fake-cluster.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
const tokens: Record<string, string> = {};

const ask = (method: string, path: string, body?: unknown, who = "operator") =>
  api.call(method, `/v1/cluster/${path}`, {
    token: tokens[who] ?? "",
    ...(body === undefined ? {} : { body }),
  });
const get = (path: string) => ask("GET", path);
const post = (path: string, body?: unknown) => ask("POST", path, body);
const entries = () => api.audit.list({ org: "demo-clinic", limit: 100 });

beforeAll(async () => {
  api = await startApi();
  const accounts = await api.identity.demoAccounts();
  for (const { username } of accounts) tokens[username] = await api.token(username);
});
afterAll(() => api.close());
beforeEach(() => {
  api.faults.audit = null;
  api.cluster.acts.length = 0;
  for (const id of Object.values(ids)) api.cluster.remove(id);
  api.cluster.add(ids.a, 3);
  api.cluster.add(ids.b, 1, { load: 0.5, silentMs: 40 });
  api.cluster.put({ kind: "waiting", id: "desk" }, ids.b);
  api.cluster.put({ kind: "consultation", id: "v1" }, null);
});

describe("what operators see", () => {
  test("the processes and what is on them", async () => {
    const { status, body } = await get("processes");
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      { id: ids.a, state: "up", rooms: 3, people: 12, load: 0.12, silentMs: 120, version: "0.1.0" },
      { id: ids.b, state: "up", rooms: 2, people: 4, load: 0.5, silentMs: 40 },
    ]);
  });

  test("all rooms page by page, asleep ones too", async () => {
    const seen: string[] = [];
    let after = "";
    do {
      const { body } = await get(`rooms?limit=2${after}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(
        ...body.items.map(({ kind, id, process }: Record<string, unknown>) => `${kind} ${id} ${process}`),
      );
      after = body.next === null ? "" : `&after=${body.next}`;
    } while (after !== "");
    expect(seen).toEqual([
      `chat a-0 ${ids.a}`,
      `chat a-1 ${ids.a}`,
      `chat a-2 ${ids.a}`,
      `chat b-0 ${ids.b}`,
      "consultation v1 null",
      `waiting desk ${ids.b}`,
    ]);
  });

  test("the rooms of one process, of one kind", async () => {
    expect((await get(`rooms?process=${ids.b}`)).body.items).toHaveLength(2);
    expect((await get(`rooms?process=${ids.b}&kind=waiting`)).body).toMatchObject({
      items: [{ kind: "waiting", id: "desk", process: ids.b, epoch: expect.any(Number) }],
      next: null,
    });
    expect((await get(`rooms?process=${ids.c}`)).body).toEqual({ items: [], next: null });
  });

  test("looking leaves no entry, and neither does a plan", async () => {
    const before = await entries();
    await get("processes");
    await get("rooms");
    await post("rebalance", { dryRun: true });
    expect(await entries()).toEqual(before);
  });
});

describe("what operators do", () => {
  const recorded = async () => {
    const [entry] = await entries();
    return entry;
  };

  test("a drain, answered at once, and undone", async () => {
    const drained = await post(`processes/${ids.a}/drain`);
    expect([drained.status, drained.body.state, drained.body.rooms]).toEqual([200, "draining", 3]);
    expect(await recorded()).toMatchObject({
      at: api.clock.time,
      actor: "operator",
      action: "cluster.drain",
      detail: { process: ids.a },
      room: null,
    });
    expect((await post(`processes/${ids.a}/drain`)).body.state).toBe("draining");
    expect((await post(`processes/${ids.a}/undrain`)).body.state).toBe("up");
    expect(await recorded()).toMatchObject({ action: "cluster.undrain", detail: { process: ids.a } });
    for (const verb of ["drain", "undrain"])
      expect((await post(`processes/${ids.c}/${verb}`)).body.code).toBe("not_found");
  });

  test("a move, to where they say or to where there is room", async () => {
    const room: RoomRef = { kind: "waiting", id: "desk" };
    const { status, body } = await post("rooms/waiting/desk/move", { to: ids.a });
    expect(status).toBe(200);
    expect(body).toEqual({ ...room, from: ids.b, to: ids.a, pauseMs: 12.5, seats: 4 });
    expect(await recorded()).toMatchObject({
      action: "cluster.move",
      room,
      detail: { to: ids.a, force: false },
    });
    expect((await post("rooms/waiting/desk/move")).body).toMatchObject({ from: ids.a, to: ids.b });
    expect((await post("rooms/waiting/desk/move", {})).body.to).toBe(ids.a);
    expect((await post("rooms/waiting/desk/move", { to: null, force: true })).body.to).toBe(ids.b);
    expect(api.cluster.acts).toEqual([
      `move waiting:desk ${ids.a} false`,
      "move waiting:desk null false",
      "move waiting:desk null false",
      "move waiting:desk null true",
    ]);
  });

  test("a move that cannot be", async () => {
    api.cluster.fragile.add("waiting:desk");
    expect((await post("rooms/waiting/desk/move")).body).toMatchObject({ status: 409, code: "room_fragile" });
    expect((await post("rooms/waiting/desk/move", { force: true })).status).toBe(200);
    expect((await post("rooms/consultation/v1/move")).body.code).toBe("room_asleep");
    expect((await post("rooms/chat/nowhere/move")).body.code).toBe("room_not_found");
    expect((await post("rooms/chat/a-1/move", { to: ids.c })).body.code).toBe("not_found");
    api.cluster.remove(ids.b);
    expect((await post("rooms/chat/a-1/move")).body).toMatchObject({ status: 409, code: "no_process" });
  });

  test("a rebalance, as a plan and in fact", async () => {
    api.cluster.add(ids.c, 0);
    const { body: plan } = await post("rebalance", { dryRun: true });
    expect(plan).toMatchObject({
      started: false,
      processes: [
        { id: ids.a, rooms: expect.any(Number), after: expect.any(Number) },
        { id: ids.b },
        { id: ids.c, rooms: 0, after: 1 },
      ],
    });
    expect(plan.moves).toHaveLength(1);
    const { body } = await post("rebalance");
    expect(body).toEqual({ ...plan, started: true });
    expect(await recorded()).toMatchObject({ action: "cluster.rebalance", detail: {} });
    expect(api.cluster.acts).toEqual(["plan", "rebalance"]);
  });

  test.each([
    ["POST", `processes/${ids.a}/drain`],
    ["POST", `processes/${ids.a}/undrain`],
    ["POST", "rooms/waiting/desk/move"],
    ["POST", "rebalance"],
  ])("what cannot be recorded is not done: %s %s", async (method, path) => {
    api.faults.audit = new Error("disk full");
    expect((await ask(method, path)).body.code).toBe("unavailable");
    expect(api.cluster.acts).toEqual([]);
  });
});

const every = [
  ["GET", "processes"],
  ["GET", "rooms"],
  ["POST", `processes/${ids.a}/drain`],
  ["POST", `processes/${ids.a}/undrain`],
  ["POST", "rooms/waiting/desk/move"],
  ["POST", "rebalance"],
] as const;

describe("whoever is no operator", () => {
  test.each(["patient", "clinician", "desk", "admin", "auditor"])("%s may nothing", async (who) => {
    const before = await entries();
    for (const [method, path] of every)
      expect((await ask(method, path, undefined, who)).body.code).toBe("forbidden");
    expect((await ask("POST", "rebalance", { dryRun: true }, who)).body.code).toBe("forbidden");
    expect(api.cluster.acts).toEqual([]);
    expect(await entries()).toEqual(before);
  });

  test("strangers neither, and all roles were asked that an account has", async () => {
    for (const [method, path] of every)
      expect((await api.call(method, `/v1/cluster/${path}`)).body.code).toBe("unauthenticated");
    const accounts = (await api.identity.demoAccounts()).map(({ role }) => role);
    const others = roles.filter((role) => !accounts.includes(role));
    expect(others).toEqual(["guest", "integrator", "system"]);
  });
});

test.each([
  ["GET", "rooms?kind=bar", undefined],
  ["GET", "rooms?process=x", undefined],
  ["GET", "rooms?limit=0", undefined],
  ["GET", "rooms?after=chat", undefined],
  ["GET", `rooms?after=${Buffer.from('{"kind":"bar","id":"x"}').toString("base64url")}`, undefined],
  ["POST", "processes/0a1b/drain", undefined],
  ["POST", "rooms/bar/x/move", undefined],
  ["POST", "rooms/chat/X/move", undefined],
  ["POST", "rooms/waiting/desk/move", { to: "0a1b" }],
  ["POST", "rooms/waiting/desk/move", { force: "yes" }],
  ["POST", "rooms/waiting/desk/move", { too: ids.a }],
  ["POST", "rebalance", { dryrun: true }],
  ["POST", "rebalance", []],
])("%s %s %o is not of the form, and does nothing", async (method, path, body) => {
  expect((await ask(method, path, body)).body.code).toBe("invalid_payload");
  expect(api.cluster.acts).toEqual([]);
});

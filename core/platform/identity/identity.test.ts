import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openInMemory } from "../../../test/support/in-memory.ts";
import { createKeyRing } from "../crypto/key-ring.ts";
import type { Database } from "../database/database.ts";
import { createLogger } from "../logger.ts";
import { createNewcomerRepository } from "../repositories/newcomers.ts";
import { createIdentity, type Identity, type IdentityOptions } from "./identity.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const code = (wanted: string) => expect.objectContaining({ code: wanted });

let database: Database;
let identity: Identity;
let options: IdentityOptions;
const clock = { time: Date.UTC(2026, 0, 1) };
const signIn = (username = "patient", password = `demo-${username}`, address = "192.0.2.1") =>
  identity.signIn({ username, password, address });

beforeAll(async () => {
  database = await openInMemory();
  options = {
    db: database.db,
    tenants: database.tenants,
    keyRing: createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]])),
    logger: createLogger({ level: "silent" }),
    now: () => clock.time,
    audience: "hugmedo",
    allowDemo: true,
    passwordCost: { logN: 4, r: 8, p: 1 },
  };
  identity = await createIdentity(options);
  await identity.seedDemo();
});
beforeEach(() => {
  clock.time += day;
});
afterAll(() => database.close());

describe("signing in", () => {
  test("gives an access token that says who it is", async () => {
    const { accessToken, accessExpiresInSeconds } = await signIn("clinician2");
    expect(accessExpiresInSeconds).toBe(600);
    expect(await identity.verify(accessToken)).toEqual({
      id: "clinician2",
      org: "demo-clinic",
      name: "田中 美咲 医師 (Dr. Misaki Tanaka)",
      roles: ["clinician"],
      session: expect.any(String),
      factors: ["pwd"],
    });
  });

  test("takes a username however it is written", async () => {
    await expect(signIn(" Ｐatient ", "demo-patient")).resolves.toBeDefined();
  });

  test.each([
    ["patient", "demo-patient2"],
    ["patient", ""],
    ["nobody", "demo-nobody"],
    ["' or 1=1 --", "x"],
  ])("refuses %s with %s", async (username, password) => {
    await expect(signIn(username, password)).rejects.toThrow(code("credentials_rejected"));
  });

  test("guesses from one network are throttled, the right password clears them, others are not affected", async () => {
    for (let i = 0; i < 7; i += 1)
      await expect(signIn("desk", "wrong")).rejects.toThrow(code("credentials_rejected"));
    await signIn("desk");
    for (let i = 0; i < 8; i += 1)
      await expect(signIn("desk", "wrong")).rejects.toThrow(code("credentials_rejected"));
    await expect(signIn("desk")).rejects.toThrow(code("rate_limited"));
    await expect(signIn("DESK", "demo-desk")).rejects.toThrow(code("rate_limited"));
    await signIn("desk", "demo-desk", "192.0.2.2");
    await signIn("admin");
    clock.time += 15_000;
    await signIn("desk");
  });

  test("a password hashed at another cost is hashed anew", async () => {
    const before = (await identity.people.byUsername("auditor"))?.password;
    const stronger = await createIdentity({ ...options, passwordCost: { logN: 5, r: 8, p: 1 } });
    await stronger.signIn({ username: "auditor", password: "demo-auditor", address: "" });
    expect((await identity.people.byUsername("auditor"))?.password).toMatch(/^\$scrypt\$ln=5,/);
    expect(before).toMatch(/^\$scrypt\$ln=4,/);
    await expect(signIn("auditor")).resolves.toBeDefined();
  });
});

describe("refresh", () => {
  test("each token is exchanged for the next", async () => {
    const first = await signIn();
    const second = await identity.refresh(first.refreshToken);
    const third = await identity.refresh(second.refreshToken);
    expect(new Set([first, second, third].map((each) => each.refreshToken)).size).toBe(3);
    const sessions = await Promise.all([first, third].map((each) => identity.verify(each.accessToken)));
    expect(sessions[0]?.session).toBe(sessions[1]?.session);
  });

  test("a used token ends the session for everyone who holds a part of it", async () => {
    const { refreshToken } = await signIn();
    const second = await identity.refresh(refreshToken);
    const { session } = await identity.verify(second.accessToken);
    const ended: string[] = [];
    const stop = identity.sessions.onEnded((id) => ended.push(id));
    clock.time += 10_001;
    await expect(identity.refresh(refreshToken)).rejects.toThrow(code("session_ended"));
    await expect(identity.refresh(second.refreshToken)).rejects.toThrow(code("session_ended"));
    await expect(identity.verify(second.accessToken)).rejects.toThrow(code("session_ended"));
    expect(ended).toEqual([session]);
    stop();
  });

  test("tabs that refresh at the same moment all stay signed in", async () => {
    const { refreshToken } = await signIn();
    const tabs = await Promise.all([1, 2, 3].map(() => identity.refresh(refreshToken)));
    expect(new Set(tabs.map((tab) => tab.refreshToken)).size).toBe(3);
    await expect(identity.refresh(tabs[1]?.refreshToken ?? "")).resolves.toBeDefined();
  });

  test("the first sibling that is used retires the others: a thief cannot go on beside the owner", async () => {
    const { refreshToken } = await signIn();
    const owner = await identity.refresh(refreshToken);
    const thief = await identity.refresh(refreshToken);
    const next = await identity.refresh(owner.refreshToken);
    await expect(identity.refresh(thief.refreshToken)).rejects.toThrow(code("session_ended"));
    await expect(identity.refresh(next.refreshToken)).rejects.toThrow(code("session_ended"));
  });

  test("a stolen token is not answered once its successor was used, not even within the grace", async () => {
    const { refreshToken } = await signIn();
    await identity.refresh((await identity.refresh(refreshToken)).refreshToken);
    await expect(identity.refresh(refreshToken)).rejects.toThrow(code("session_ended"));
  });

  test("what was never given out is refused", async () => {
    for (const token of ["", "hmr_x", "\u0000", "a".repeat(500)]) {
      await expect(identity.refresh(token)).rejects.toThrow(code("session_ended"));
    }
  });

  test("a session ends after 7 idle days, and after 30 whatever happens", async () => {
    const idle = await signIn();
    clock.time += 7 * day;
    await expect(identity.refresh(idle.refreshToken)).rejects.toThrow(code("session_ended"));
    let busy = await signIn();
    for (let i = 0; i < 9; i += 1) {
      clock.time += 3 * day;
      busy = await identity.refresh(busy.refreshToken);
    }
    expect(busy.refreshExpiresInSeconds).toBe((3 * day) / 1_000);
    clock.time += 3 * day;
    await expect(identity.refresh(busy.refreshToken)).rejects.toThrow(code("session_ended"));
  });

  test("no token is kept in the clear", async () => {
    const { refreshToken } = await signIn();
    const rows = await database.db.selectFrom("refresh_token").select("hash").execute();
    const kept = rows.map((row) => Buffer.from(row.hash).toString("latin1"));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.some((hash) => hash.includes(refreshToken) || hash === refreshToken)).toBe(false);
    expect(new Set(rows.map((row) => row.hash.length))).toEqual(new Set([32]));
  });
});

describe("the end of a session", () => {
  test("signing out ends access at once and is told once", async () => {
    const { accessToken, refreshToken } = await signIn();
    const { session } = await identity.verify(accessToken);
    const ended: string[] = [];
    const stops = [
      identity.sessions.onEnded(() => {
        throw new Error("a listener that fails");
      }),
      identity.sessions.onEnded((id) => ended.push(id)),
    ];
    await identity.sessions.endByToken(refreshToken);
    await identity.sessions.endByToken(refreshToken);
    await identity.sessions.end(session, "signed_out");
    await identity.sessions.sync();
    expect(ended).toEqual([session]);
    await expect(identity.verify(accessToken)).rejects.toThrow(code("session_ended"));
    await expect(identity.refresh(refreshToken)).rejects.toThrow(code("session_ended"));
    for (const stop of stops) stop();
  });

  test("other processes learn of it, and a restarted one knows it", async () => {
    const other = await createIdentity(options);
    const { accessToken } = await signIn();
    const { session } = await other.verify(accessToken);
    const ended: string[] = [];
    other.sessions.onEnded((id) => ended.push(id));
    await identity.sessions.end(session, "signed_out");
    await other.sessions.sync();
    await other.sessions.sync();
    expect(ended).toEqual([session]);
    await expect(other.verify(accessToken)).rejects.toThrow(code("session_ended"));
    const restarted = await createIdentity(options);
    await expect(restarted.verify(accessToken)).rejects.toThrow(code("session_ended"));
  });

  test("a disabled person is out, and cannot come back", async () => {
    const { accessToken, refreshToken } = await signIn("patient3");
    await identity.disable("patient3");
    await expect(identity.verify(accessToken)).rejects.toThrow(code("session_ended"));
    await expect(identity.refresh(refreshToken)).rejects.toThrow(code("session_ended"));
    await expect(signIn("patient3")).rejects.toThrow(code("credentials_rejected"));
    await identity.people.setDisabled("patient3", null);
  });

  test("sessions that idle out are told of, for their sockets to close", async () => {
    const { accessToken } = await signIn();
    const { session } = await identity.verify(accessToken);
    const ended: string[] = [];
    const stop = identity.sessions.onEnded((id) => ended.push(id));
    clock.time += 7 * day;
    await identity.maintain();
    expect(ended).toContain(session);
    stop();
  });
});

describe("who lost a role", () => {
  const change = (roles: readonly ("desk" | "clinician")[]) =>
    identity.administer.change("demo-clinic", "clinician2", null, { roles });
  const credentials = { username: "clinician2", password: "demo-clinician2", address: "192.0.2.9" };

  test("while they signed in comes in without it", async () => {
    const slow = await createIdentity({
      ...options,
      sharedTallies: {
        count: async () => null,
        giveBack: async () => null,
        // The password was right, and no session is open yet.
        clear: () => change(["desk"]),
      },
    });
    const { accessToken } = await slow.signIn(credentials);
    await expect(slow.verify(accessToken)).resolves.toMatchObject({ roles: ["desk"] });
    await change(["clinician"]);
  });
});

test("a password that is changed during a sign-in lets nobody in who showed the old one", async () => {
  const person = { id: "p-1", org: "elsewhere", username: "late", name: "Late", roles: ["desk"] } as const;
  await identity.people.ensureOrg("elsewhere", "Elsewhere");
  await identity.administer.add({ ...person, password: "the old password" });
  const slow = await createIdentity({
    ...options,
    sharedTallies: {
      count: async () => null,
      giveBack: async () => null,
      clear: () => identity.administer.setPassword("elsewhere", "p-1", "the new password", null),
    },
  });
  const credentials = { username: "late", address: "192.0.2.7" };
  await expect(slow.signIn({ ...credentials, password: "the old password" })).rejects.toThrow(
    code("credentials_rejected"),
  );
  await expect(identity.signIn({ ...credentials, password: "the new password" })).resolves.toBeDefined();
});

describe("who signed in before a second factor was wanted", () => {
  test("is out ten minutes later, also where nothing but a socket is open", async () => {
    const told: string[] = [];
    const forget = identity.sessions.onEnded((session) => told.push(session));
    const { session } = await identity.verify((await signIn("desk")).accessToken);
    const patient = await identity.verify((await signIn("patient")).accessToken);
    await identity.secondFactorRoles.set("demo-clinic", ["desk"]);
    await identity.maintain();
    expect(told).not.toContain(session);
    clock.time += 10 * minute;
    await identity.maintain();
    expect(told).toContain(session);
    expect(told).not.toContain(patient.session);
    await identity.secondFactorRoles.set("demo-clinic", []);
    forget();
  });
});

test("another issuer's sign-in that was ended here stays so for as long as its tokens may come", async () => {
  const newcomers = createNewcomerRepository(database.db);
  const comes = () =>
    newcomers.see({
      ...{ id: "x-elsewhere", org: "elsewhere", name: "Elsewhere", roles: ["desk"], session: "x-session" },
      ...{ factors: [], now: clock.time, expiresAt: clock.time + 90 * day },
    });
  await newcomers.ensureOrg("elsewhere");
  expect(await comes()).toBe("in");
  await identity.sessions.end("x-session", "revoked");
  clock.time += 45 * day;
  await identity.maintain();
  expect(await comes()).toBe("ended");
});

describe("signing keys", () => {
  test("a new key is published a day before it signs; the old one goes when its last token has expired", async () => {
    const kids = () => identity.jwks().keys.map((key) => key.kid);
    clock.time += 40 * day;
    await identity.maintain();
    clock.time += day;
    await identity.maintain();
    clock.time += 20 * minute;
    await identity.maintain();
    const [current] = kids();
    expect(kids()).toHaveLength(1);

    clock.time += 29 * day - 20 * minute;
    await identity.maintain();
    expect(kids()).toHaveLength(2);
    expect(kidOf((await signIn()).accessToken)).toBe(current);

    clock.time += day - 1;
    const last = await signIn();
    expect(kidOf(last.accessToken)).toBe(current);
    clock.time += 1;
    const first = await signIn();
    expect(kidOf(first.accessToken)).toBe(kids()[1]);
    await expect(identity.verify(last.accessToken)).resolves.toBeDefined();
    await expect(identity.verify(first.accessToken)).resolves.toBeDefined();

    clock.time += 20 * minute;
    await identity.maintain();
    expect(kids()).toEqual([kidOf(first.accessToken)]);
  });

  test("processes share keys: those that start together make one, and each verifies the other's tokens", async () => {
    await database.db.deleteFrom("signing_key").execute();
    const [one, two] = await Promise.all([createIdentity(options), createIdentity(options)]);
    expect(one.jwks()).toEqual(two.jwks());
    expect(one.jwks().keys).toHaveLength(1);
    const { accessToken } = await one.signIn({ username: "admin", password: "demo-admin", address: "" });
    await expect(two.verify(accessToken)).resolves.toMatchObject({ id: "admin" });
    clock.time += 5_000;
    await expect(identity.verify(accessToken)).resolves.toMatchObject({ id: "admin" });
  });

  test("what is published has no private part, and what is kept is wrapped", async () => {
    for (const key of identity.jwks().keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
    const rows = await database.db.selectFrom("signing_key").selectAll().execute();
    for (const row of rows) expect(Buffer.from(row.private_key).toString("latin1")).not.toContain('"d"');
  });
});

describe("demo accounts", () => {
  test("are listed with their passwords, and each one works", async () => {
    const accounts = await identity.demoAccounts();
    expect(accounts.map((account) => account.username)).toEqual([
      "patient",
      "patient2",
      "patient3",
      "clinician",
      "clinician2",
      "desk",
      "admin",
      "operator",
      "auditor",
    ]);
    for (const { username, password } of accounts) {
      await expect(signIn(username, password, "192.0.2.99")).resolves.toBeDefined();
    }
  });

  test("seeding twice changes nothing", async () => {
    const before = await identity.people.byUsername("patient");
    await identity.seedDemo();
    expect(await identity.people.byUsername("patient")).toEqual(before);
  });

  test("are refused in production, also where they are in the database", async () => {
    const { refreshToken } = await signIn();
    const production = await createIdentity({ ...options, allowDemo: false });
    expect(await production.demoAccounts()).toEqual([]);
    await expect(production.seedDemo()).rejects.toThrow("refused");
    await expect(
      production.signIn({ username: "patient", password: "demo-patient", address: "" }),
    ).rejects.toThrow(code("credentials_rejected"));
    await expect(production.refresh(refreshToken)).rejects.toThrow(code("session_ended"));
  });
});

describe("the directory", () => {
  const search = { org: "demo-clinic", text: "", byUsername: false, roles: null, after: null, limit: 100 };
  const ids = async (given: Partial<Parameters<Identity["people"]["search"]>[0]>) =>
    (await identity.people.search({ ...search, ...given })).map((person) => person.id);

  test("finds parts of names in any script and case, and takes wildcards as they are", async () => {
    expect(await ids({ text: "sato" })).toEqual(["patient"]);
    expect(await ids({ text: "鈴木" })).toEqual(["patient3"]);
    expect(await ids({ text: "%" })).toEqual([]);
    expect(await ids({ text: "_" })).toEqual([]);
    expect(await ids({ text: "\\" })).toEqual([]);
  });

  test("finds usernames only where asked to", async () => {
    expect(await ids({ text: "clinician" })).toEqual([]);
    expect(await ids({ text: "clinician", byUsername: true })).toEqual(["clinician", "clinician2"]);
  });

  test("keeps to the organisation and the roles", async () => {
    await identity.people.ensureOrg("other", "Other");
    const { id, org } = { id: "stranger", org: "other" };
    await identity.people.add({
      id,
      org,
      username: id,
      name: "Sato",
      roles: ["patient"],
      demo: false,
      password: null,
    });
    expect(await ids({ text: "sato" })).toEqual(["patient"]);
    expect(await identity.people.names("demo-clinic", ["stranger", "desk"])).toEqual(
      new Map([["desk", "高橋 由美 (Yumi Takahashi)"]]),
    );
    expect(await ids({ roles: ["desk", "admin"] })).toEqual(["admin", "desk"]);
  });

  test("pages without gaps or repeats", async () => {
    const seen: string[] = [];
    let after: { name: string; id: string } | null = null;
    for (;;) {
      const page: { name: string; id: string }[] = await identity.people.search({
        ...search,
        after,
        limit: 2,
      });
      seen.push(...page.map((person) => person.id));
      after = page.at(-1) ?? null;
      if (!after) break;
    }
    expect(seen).toEqual(await ids({}));
    expect(seen).toHaveLength(9);
  });

  test("a taken id or username is not overwritten", async () => {
    const person = { org: "demo-clinic", name: "X", roles: [], demo: false, password: null };
    expect(await identity.people.add({ ...person, id: "patient", username: "new" })).toBe(false);
    expect(await identity.people.add({ ...person, id: "new", username: "PATIENT" })).toBe(false);
  });
});

function kidOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
}

import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openInMemory } from "../../../test/support/in-memory.ts";
import { createKeyRing } from "../crypto/key-ring.ts";
import type { Database } from "../database/database.ts";
import { createLogger } from "../logger.ts";
import { createIdentity, type Identity, type IdentityOptions } from "./identity.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const org = "demo-clinic";
const code = (wanted: string) => expect.objectContaining({ code: wanted });
const ended = code("session_ended");

let database: Database;
let identity: Identity;
let options: IdentityOptions;
let guests = 0;
const clock = { time: Date.UTC(2026, 0, 1) };
/** An interpreter with a new id, invited for two hours. */
const invited = (given: Partial<Parameters<Identity["guests"]["open"]>[0]> = {}) => {
  guests += 1;
  return { id: `guest-${guests}`, org, name: "通訳 (Mai)", expiresAt: clock.time + 2 * hour, ...given };
};

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

describe("a guest", () => {
  test("gets tokens that say who it is, for the time that is left", async () => {
    const guest = invited();
    const { accessToken, accessExpiresInSeconds, refreshExpiresInSeconds } =
      await identity.guests.open(guest);
    expect(await identity.verify(accessToken)).toEqual({
      id: guest.id,
      org,
      name: "通訳 (Mai)",
      roles: ["guest"],
      session: expect.any(String),
    });
    expect(accessExpiresInSeconds).toBe(600);
    expect(refreshExpiresInSeconds).toBe(7_200);
  });

  test("is let in again as the same guest, in a session of its own", async () => {
    const guest = invited();
    const first = await identity.guests.open(guest);
    const again = await identity.guests.open({ ...guest, name: "Somebody else" });
    const [one, two] = await Promise.all([first, again].map((each) => identity.verify(each.accessToken)));
    expect(two).toMatchObject({ id: guest.id, name: guest.name });
    expect(two?.session).not.toBe(one?.session);
    await identity.sessions.end(two?.session ?? "", "signed_out");
    await expect(identity.refresh(first.refreshToken)).resolves.toBeDefined();
  });

  test("is made once, however many come at the same moment", async () => {
    const guest = invited();
    const opened = await Promise.all([1, 2, 3].map(() => identity.guests.open(guest)));
    const who = await Promise.all(opened.map((each) => identity.verify(each.accessToken)));
    expect(new Set(who.map(({ id }) => id))).toEqual(new Set([guest.id]));
    expect(new Set(who.map(({ session }) => session)).size).toBe(3);
  });

  test("of an organisation that has no people so far is let in too", async () => {
    const { accessToken } = await identity.guests.open(invited({ org: "by-oidc" }));
    expect(await identity.verify(accessToken)).toMatchObject({ org: "by-oidc" });
  });

  test("cannot sign in with a password, whatever the username", async () => {
    const { id, ...rest } = invited();
    await identity.guests.open({ id, ...rest });
    for (const username of [id, "", "null", rest.name]) {
      const guess = identity.signIn({ username, password: "", address: "192.0.2.1" });
      await expect(guess).rejects.toThrow(code("credentials_rejected"));
    }
    expect(await identity.people.byId(id)).toMatchObject({ username: null, demo: false });
  });

  test("takes no account's username away, and no account's place", async () => {
    const { id } = invited();
    await identity.guests.open(invited({ id }));
    const account = { org, username: id, name: "X", roles: ["desk" as const], demo: false, password: null };
    expect(await identity.people.add({ ...account, id: `${id}-account` })).toBe(true);
    await expect(identity.guests.open(invited({ id: "clinician" }))).rejects.toThrow(
      code("invitation_invalid"),
    );
    await expect(identity.guests.open(invited({ id, org: "elsewhere" }))).rejects.toThrow(
      code("invitation_invalid"),
    );
  });

  test("is not in the directory, but has a name", async () => {
    const { id } = invited();
    await identity.guests.open(invited({ id, name: "Interpreter Mai" }));
    const search = { org, byUsername: true, roles: null, after: null, limit: 200 };
    const found = await identity.people.search({ ...search, text: "" });
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((person) => person.roles.includes("guest"))).toEqual([]);
    expect(await identity.people.search({ ...search, text: "Interpreter", roles: ["guest"] })).toEqual([]);
    expect(await identity.people.names(org, [id])).toEqual(new Map([[id, "Interpreter Mai"]]));
  });
});

describe("the end of a guest's time", () => {
  test("is not put off by refreshing, and access tokens do not outlast it", async () => {
    const guest = invited();
    let tokens = await identity.guests.open(guest);
    clock.time += 115 * minute;
    tokens = await identity.refresh(tokens.refreshToken);
    expect(tokens).toMatchObject({ accessExpiresInSeconds: 300, refreshExpiresInSeconds: 300 });
    clock.time = guest.expiresAt - 1;
    tokens = await identity.refresh(tokens.refreshToken);
    expect(tokens.accessExpiresInSeconds).toBe(1);
    clock.time = guest.expiresAt;
    await expect(identity.refresh(tokens.refreshToken)).rejects.toThrow(ended);
  });

  test("ends a token that nobody renews, also where nothing was tidied up", async () => {
    const guest = invited();
    clock.time = guest.expiresAt - minute;
    const { accessToken } = await identity.guests.open(guest);
    const other = await createIdentity(options);
    clock.time = guest.expiresAt + 6_000;
    await expect(other.verify(accessToken)).rejects.toThrow(code("unauthenticated"));
  });

  test("is told of, for the sockets to close", async () => {
    const guest = invited();
    const { session } = await identity.verify((await identity.guests.open(guest)).accessToken);
    const told: string[] = [];
    const stop = identity.sessions.onEnded((id) => told.push(id));
    clock.time = guest.expiresAt - 1;
    await identity.maintain();
    expect(told).not.toContain(session);
    clock.time = guest.expiresAt;
    await identity.maintain();
    expect(told).toContain(session);
    stop();
  });

  test("does not come before, for who accepts early and only returns for the visit", async () => {
    const guest = invited({ expiresAt: clock.time + 60 * day });
    const tokens = await identity.guests.open(guest);
    expect(tokens.refreshExpiresInSeconds).toBe((60 * day) / 1_000);
    clock.time += 59 * day;
    await identity.maintain();
    const next = await identity.refresh(tokens.refreshToken);
    expect(next.refreshExpiresInSeconds).toBe(day / 1_000);
    clock.time = guest.expiresAt;
    await expect(identity.refresh(next.refreshToken)).rejects.toThrow(ended);
  });

  test("lets nobody in afterwards", async () => {
    const guest = invited({ expiresAt: clock.time });
    await expect(identity.guests.open(guest)).rejects.toThrow(code("invitation_expired"));
    expect(await identity.people.byId(guest.id)).toBeNull();
  });
});

describe("closing a guest", () => {
  test("ends every session at once and tells of each, once", async () => {
    const guest = invited();
    const opened = [await identity.guests.open(guest), await identity.guests.open(guest)];
    const bystander = await identity.guests.open(invited());
    const sessions = await Promise.all(opened.map(async (each) => identity.verify(each.accessToken)));
    const told: string[] = [];
    const stop = identity.sessions.onEnded((id) => told.push(id));
    await identity.guests.close(guest.id);
    await identity.guests.close(guest.id);
    stop();
    expect(told.sort()).toEqual(sessions.map(({ session }) => session).sort());
    for (const { accessToken, refreshToken } of opened) {
      await expect(identity.verify(accessToken)).rejects.toThrow(ended);
      await expect(identity.refresh(refreshToken)).rejects.toThrow(ended);
    }
    await expect(identity.refresh(bystander.refreshToken)).resolves.toBeDefined();
    expect(await identity.people.byId(guest.id)).toMatchObject({ disabled: true });
    await expect(identity.guests.open(guest)).rejects.toThrow(code("invitation_invalid"));
  });

  test("holds also for a guest who only comes later", async () => {
    const guest = invited();
    await identity.guests.close(guest.id);
    await expect(identity.guests.open(guest)).rejects.toThrow(code("invitation_invalid"));
    const rows = await database.db.selectFrom("session").where("person", "=", guest.id).selectAll().execute();
    expect(rows).toEqual([]);
  });

  test("leaves who is no guest as they are", async () => {
    const credentials = { username: "clinician", password: "demo-clinician", address: "192.0.2.1" };
    const { accessToken } = await identity.signIn(credentials);
    await identity.guests.close("clinician");
    await expect(identity.verify(accessToken)).resolves.toBeDefined();
    await expect(identity.signIn(credentials)).resolves.toBeDefined();
    expect(await identity.people.byId("clinician")).toMatchObject({ disabled: false });
  });
});

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Room } from "@colyseus/sdk";
import type { Overrides } from "../../app/context.ts";
import { startServer } from "../../app/server.ts";
import type { RoomKindName } from "../../core/domain/room.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { copyDemoData } from "../support/demo-data.ts";

const messageNames = [
  ...["queue.place", "queue.called", "queue.admitted", "queue.notice", "visit.you"],
  ...["media.signal", "media.switched", "media.muteAsked", "recording.state", "recording.lease"],
];

/** A delivered event as a stock client sees it. */
export interface Seen {
  readonly type: string;
  readonly seq: number;
  readonly prev: number;
  readonly from: string;
  readonly id?: string;
  readonly body?: string | null;
}

/** A message to one person, with its name. */
export interface Told {
  readonly name: string;
  readonly payload: { readonly [field: string]: unknown };
}

/** A stock `@colyseus/sdk` client in a room, with everything it was sent. */
export interface Member {
  readonly room: Room;
  readonly events: Seen[];
  /** Messages of the room's own, other than events and errors. */
  readonly told: Told[];
  readonly errors: { readonly re: string; readonly code: string }[];
  /** A request; resolves with the reply, or with the code of its refusal. */
  ask(
    name: string,
    payload: unknown,
  ): Promise<{ seq?: number; at?: number; code?: string; [key: string]: unknown }>;
  say(body: string): Promise<number>;
  /** Resolves when an event is there (or comes) for which `wanted` holds. */
  event(wanted: (event: Seen) => boolean): Promise<Seen>;
  /** The same for messages. */
  message(name: string, wanted?: (payload: Told["payload"]) => boolean): Promise<Told["payload"]>;
  /** Resolves when the room's state, as plain data, is as wanted. */
  // biome-ignore lint/suspicious/noExplicitAny: what a stock client sees has no types
  state(wanted: (state: any) => boolean): Promise<any>;
  left: Promise<number>;
}

export interface Clinic {
  readonly url: string;
  readonly dataDir: string;
  token(username: string): Promise<string>;
  rest(
    method: string,
    path: string,
    token: string | null,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  join(username: string, room: string, kind?: RoomKindName): Promise<Member>;
  /** The same with an access token. */
  enter(token: string, room: string, kind: RoomKindName): Promise<Member>;
  /** Makes a chat with these members (person: role) and returns its id; the clinician is its admin. */
  chat(members: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** The product in this process, on the embedded database, with the demo's people. */
export async function openClinic(
  settings: Readonly<Record<string, string>> = {},
  overrides: Overrides = {},
): Promise<Clinic> {
  const dataDir = mkdtempSync(join(tmpdir(), "hugmedo-"));
  if (settings.DATABASE_URL === undefined) await copyDemoData(dataDir);
  const config = loadConfig({
    PORT: "0",
    HOST: "127.0.0.1",
    DATA_DIR: dataDir,
    LOG_LEVEL: "silent",
    // Without a media node; a test that wants one says so.
    ROLES: "rooms,api",
    ...settings,
  });
  const server = await startServer(config, { overrides });
  const url = `http://127.0.0.1:${server.port}`;
  const tokens = new Map<string, Promise<string>>();
  const joined: Room[] = [];

  const rest: Clinic["rest"] = async (method, path, token, body) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  };
  const signIn = async (username: string): Promise<string> => {
    const { body } = await rest("POST", "/v1/auth/token", null, { username, password: `demo-${username}` });
    return String(body.access_token);
  };
  const token = (username: string): Promise<string> => {
    const known = tokens.get(username) ?? signIn(username);
    tokens.set(username, known);
    return known;
  };

  const enter: Clinic["enter"] = async (accessToken, room, kind) => {
    const client = new Client(url);
    client.auth.token = accessToken;
    const member = watch(await client.joinOrCreate(kind, { room }));
    joined.push(member.room);
    return member;
  };

  return {
    url,
    dataDir,
    token,
    rest,
    join: async (username, room, kind = "chat") => enter(await token(username), room, kind),
    enter,
    chat: async (members) => {
      const list = Object.entries(members).map(([person, role]) => ({ person, role }));
      const { body } = await rest("POST", "/v1/chats", await token("clinician"), {
        title: "Test",
        members: list,
      });
      return String(body.id);
    },
    close: async () => {
      await Promise.all(joined.map((room) => room.connection.isOpen && room.leave()));
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function watch(room: Room): Member {
  const events: Seen[] = [];
  const errors: Member["errors"] = [];
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  room.reconnection.enabled = false;
  room.onMessage("events", (list: Seen[]) => {
    events.push(...list);
    for (const look of [...waiting]) look();
  });
  for (const name of messageNames) {
    room.onMessage(name, (payload: Told["payload"]) => {
      told.push({ name, payload });
      for (const look of [...waiting]) look();
    });
  }
  room.onStateChange(() => {
    for (const look of [...waiting]) look();
  });
  room.onMessage("error", (error: { re: string; code: string }) => {
    errors.push(error);
    for (const look of [...waiting]) look();
  });
  const when = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const ask: Member["ask"] = (name, payload) =>
    room.request(name, payload).catch((error: { reason?: { code: string } }) => {
      if (!error.reason) throw error;
      return error.reason;
    });
  return {
    room,
    events,
    errors,
    told,
    ask,
    say: async (body) => (await ask("chat.send", { id: randomUUID(), body })).seq ?? Number.NaN,
    event: (wanted) => when(() => events.find(wanted)),
    message: async (name, wanted = () => true) =>
      (await when(() => told.find((one) => one.name === name && wanted(one.payload)))).payload,
    state: (wanted) =>
      when(() => {
        const none = { entries: {}, duty: {}, staff: {}, participants: {} };
        const state = room.state?.toJSON && { ...none, ...room.state.toJSON() };
        return state && wanted(state) ? state : undefined;
      }),
    left: new Promise((resolve) => room.onLeave((code) => resolve(code))),
  };
}

export function newId(): string {
  return randomUUID();
}

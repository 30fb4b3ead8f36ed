import { Client } from "@colyseus/sdk";
import { PGlite } from "@electric-sql/pglite";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { ResumeReply } from "../../core/protocol/events.ts";
import { tokenReply } from "../../core/protocol/rest.ts";
import type { ChatState } from "../../rooms/state/chat-state.ts";
import type { Line } from "../checker/history.ts";
import { query } from "../support/postgres.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

/** An access token of a demo account. */
export async function accessToken(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}/v1/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: name, password: `demo-${name}` }),
  });
  return tokenReply.parse(await response.json()).access_token;
}

/** What a newcomer finds in these chats: all events from the start, and the cursors. By the stock client. */
export async function readBack(url: string, token: string, chats: readonly string[]): Promise<Line[]> {
  const lines: Line[] = [];
  for (const id of chats) lines.push(...(await readConversation(url, token, { kind: "chat", id })));
  return lines;
}

/** The same of one conversation, also that of a visit. */
export async function readConversation(url: string, token: string, ref: RoomRef): Promise<Line[]> {
  const client = new Client(url);
  client.auth.token = token;
  const at = { room: roomKey(ref) };
  const room = await client.joinOrCreate<ChatState>(ref.kind, { room: ref.id });
  room.onMessage("*", () => undefined);
  const state = await new Promise<ChatState>((resolve) => {
    // Who comes to a visit is shown its inside a moment after its outside.
    room.onStateChange((shown) => {
      if (shown.members && shown.members.size > 0) resolve(shown);
    });
  });
  const lines: Line[] = [...state.cursors].map(([person, seq]) => ({ op: "cursor", ...at, person, seq }));
  for (let after = 0, more = true; more; ) {
    const reply = await room.request<unknown, ResumeReply>("chat.resume", { after });
    for (const event of reply.events) lines.push({ op: "stored", ...at, event: { ...event } });
    after = reply.events.at(-1)?.seq ?? after;
    more = reply.more;
  }
  await room.leave();
  return lines;
}

/** The rows themselves, from a PostgreSQL server; null: of rooms of every kind. */
export function readRows(databaseUrl: string, chats: readonly string[] | null): Promise<Line[]> {
  return toLines((text) => query(databaseUrl, text, [chats]));
}

/** The rows themselves, from an embedded database that nobody has open. */
export async function readEmbeddedRows(dataDir: string, chats: readonly string[]): Promise<Line[]> {
  const pglite = await PGlite.create(`${dataDir}/database`);
  try {
    return await toLines(async (text) => (await pglite.query<Record<string, unknown>>(text, [chats])).rows);
  } finally {
    await pglite.close();
  }
}

const chosen = "($1::text[] is null or (kind = 'chat' and id = any ($1)))";

async function toLines(select: (text: string) => Promise<Rows>): Promise<Line[]> {
  const journal = await select(
    `select kind, id, seq, type, actor, epoch, tx::text, position::text from journal
     where ${chosen} order by kind, id, seq`,
  );
  const commands = await select(
    `select kind, id, principal, command_id, first_seq, last_seq from command where ${chosen}`,
  );
  return [
    ...journal.map((row) => ({
      op: "row" as const,
      room: `${row.kind}:${row.id}`,
      seq: Number(row.seq),
      type: String(row.type),
      by: String(row.actor),
      epoch: Number(row.epoch),
      tx: String(row.tx),
      position: String(row.position),
    })),
    ...commands.map((row) => ({
      op: "command" as const,
      room: `${row.kind}:${row.id}`,
      by: String(row.principal),
      id: String(row.command_id),
      firstSeq: Number(row.first_seq),
      lastSeq: Number(row.last_seq),
    })),
  ];
}

import type { MemberRole } from "../../core/domain/conversation/state.ts";
import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { RoomKindName } from "../../core/domain/room.ts";
import type { ChatSummary, Me, Person, QueueSummary, VisitItem } from "../../core/protocol/rest.ts";
import type { SearchResults } from "../../core/protocol/rest-search.ts";
import type { AuthSession } from "./auth-session.ts";
import type { HistoryPages } from "./chat/history.ts";
import { LiveChat } from "./chat/live-chat.ts";
import type { OutboxScope, OutboxStore } from "./chat/outbox-store.ts";
import type { ChatStateLike } from "./chat/room-view.ts";
import type { NetworkHints } from "./connection/network-hints.ts";
import { RoomConnection } from "./connection/room-connection.ts";
import type { OpenRoom } from "./connection/room-port.ts";
import type { ChatMessages, VisitMessages, WaitingMessages } from "./connection/rooms.ts";
import { type Clock, withDeadline } from "./lib/clock.ts";
import { Emitter } from "./lib/emitter.ts";
import { newId } from "./lib/ids.ts";
import { OpenRooms } from "./lib/open-rooms.ts";
import { LiveBoard } from "./queue/live-board.ts";
import { LiveWaiting } from "./queue/live-waiting.ts";
import type { WaitingStateLike } from "./queue/queue-state.ts";
import { createSecurity } from "./security.ts";
import type {
  Board,
  Chat,
  ConsentText,
  HugMeDoEvents,
  Security,
  Session,
  Visit,
  VisitsQuery,
  Waiting,
} from "./types.ts";
import { LiveVisit } from "./visit/live-visit.ts";
import type { VisitStateLike } from "./visit/visit-state.ts";

export interface SessionParts {
  readonly me: Me;
  readonly origin: string;
  readonly auth: AuthSession;
  readonly openChat: (id: string) => OpenRoom<ChatStateLike, ChatMessages>;
  readonly openQueue: (id: string) => OpenRoom<WaitingStateLike, WaitingMessages>;
  readonly openVisit: (id: string) => OpenRoom<VisitStateLike, VisitMessages>;
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly hints: NetworkHints;
  /** Ends the sign-in on the server. */
  readonly signOut: () => Promise<void>;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

type Query = Readonly<Record<string, string | number | null>>;

const pageSize = 50;
const listSize = 200;
/** A store that does not answer keeps nobody signed in. Milliseconds. */
const storePatience = 2_000;

/** A signed-in person: what they may ask for, and the rooms they have open. */
export class LiveSession implements Session {
  private readonly parts: SessionParts;
  private readonly emitter = new Emitter<HugMeDoEvents>();
  private readonly chatRooms = new OpenRooms<LiveChat>();
  private readonly waitings = new OpenRooms<LiveWaiting>();
  private readonly boards = new OpenRooms<LiveBoard>();
  private readonly visitRooms = new OpenRooms<LiveVisit>();

  constructor(parts: SessionParts) {
    this.parts = parts;
  }

  get security(): Security {
    return createSecurity(this.parts.auth);
  }

  get me(): Me {
    return this.parts.me;
  }

  on<K extends keyof HugMeDoEvents>(name: K, listener: (value: HugMeDoEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  chats(): Promise<readonly ChatSummary[]> {
    return this.all<ChatSummary>("/v1/chats");
  }

  async people(search?: string): Promise<readonly Person[]> {
    const page = await this.get<Page<Person>>(query("/v1/people", { q: search ?? null }));
    return page.items;
  }

  async consentTexts(): Promise<readonly ConsentText[]> {
    return (await this.get<{ readonly items: readonly ConsentText[] }>("/v1/consent-texts")).items;
  }

  async createChat(chat: {
    readonly title: string;
    readonly members: readonly { readonly person: string; readonly role: MemberRole }[];
  }): Promise<ChatSummary> {
    const body = { id: newId(), ...chat };
    const made = await this.parts.auth.call<{ readonly id: string }>({
      method: "POST",
      path: "/v1/chats",
      body,
    });
    return this.get(`/v1/chats/${encodeURIComponent(made.id)}`);
  }

  joinChat(id: string): Chat {
    return this.chatRooms.take(id, () => this.openChat(id));
  }

  joinQueue(id: string): Waiting {
    return this.waitings.take(id, () => this.openWaiting(id));
  }

  runQueue(id: string): Board {
    return this.boards.take(id, () => this.openBoard(id));
  }

  joinVisit(id: string): Visit {
    return this.visitRooms.take(id, () => this.openVisit(id));
  }

  async queues(): Promise<readonly QueueSummary[]> {
    const { items } = await this.get<{ readonly items: readonly QueueSummary[] }>("/v1/queues");
    return items;
  }

  visits({ from, to, clinician }: VisitsQuery = {}): Promise<readonly VisitItem[]> {
    return this.all<VisitItem>("/v1/visits", {
      from: from ?? null,
      to: to ?? null,
      clinician: clinician ?? null,
    });
  }

  search(q: string, { after, limit }: { readonly after?: string; readonly limit?: number } = {}) {
    const asked = { q, after: after ?? null, limit: limit === undefined ? null : String(limit) };
    return this.get<SearchResults>(query("/v1/search", asked));
  }

  async signOut(): Promise<void> {
    const { store, origin, me, clock, signOut } = this.parts;
    await Promise.all([
      ...this.chatRooms.all().map((chat) => chat.leave()),
      ...this.waitings.all().map((waiting) => waiting.disconnect()),
      ...this.boards.all().map((board) => board.disconnect()),
      ...this.visitRooms.all().map((visit) => visit.leave()),
    ]);
    // The device may be a shared one: nothing this person wrote stays on it.
    const cleared = store.clear({ origin, person: me.id });
    await withDeadline(clock, storePatience, cleared, () => new Error("late")).catch(() => undefined);
    await signOut();
  }

  /** The session is over. */
  end(reason: Rejection): void {
    const { chatRooms, waitings, boards, visitRooms } = this;
    const open = [...chatRooms.all(), ...waitings.all(), ...boards.all(), ...visitRooms.all()];
    for (const room of open) room.shut(reason);
    this.emitter.emit("signedOut", reason);
  }

  private openChat(id: string): LiveChat {
    const { store, clock, hints, openChat } = this.parts;
    const open = openChat(id);
    const chat = new LiveChat({
      id,
      scope: this.scope(id),
      connect: (host) => new RoomConnection({ open, host, clock, hints }),
      history: this.history("chat", id),
      readAhead: true,
      store,
      clock,
      closed: (reason) => this.closed(this.chatRooms, chat, reason),
    });
    return chat;
  }

  private openWaiting(id: string): LiveWaiting {
    const { me, clock, hints, openQueue } = this.parts;
    const waiting = new LiveWaiting({
      id,
      isPatient: me.roles.includes("patient"),
      open: openQueue,
      clock,
      hints,
      moved: (to) => this.waitings.move(waiting, to),
      closed: (reason) => this.closed(this.waitings, waiting, reason),
    });
    return waiting;
  }

  private openBoard(id: string): LiveBoard {
    const { me, clock, hints, openQueue } = this.parts;
    const board = new LiveBoard({
      id,
      me: me.id,
      open: openQueue(id),
      clock,
      hints,
      closed: (reason) => this.closed(this.boards, board, reason),
    });
    return board;
  }

  private openVisit(id: string): LiveVisit {
    const { me, store, clock, hints, openVisit } = this.parts;
    const visit = new LiveVisit({
      id,
      me: me.id,
      open: openVisit(id),
      // A chat may have the same id.
      store: (path, bytes) => this.store(`/v1/visits/${encodeURIComponent(id)}/${path}`, bytes),
      chat: { scope: this.scope(`consultation/${id}`), history: this.history("consultation", id), store },
      clock,
      hints,
      closed: (reason) => this.closed(this.visitRooms, visit, reason),
    });
    return visit;
  }

  recordingFile(visit: string, recording: string, name: string): Promise<Blob> {
    const [id, of, file] = [visit, recording, name].map(encodeURIComponent);
    return this.parts.auth.file(`/v1/visits/${id}/recordings/${of}/files/${file}`);
  }

  private async store(path: string, bytes: Blob): Promise<void> {
    const content = await bytes.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    const sha256 = btoa(String.fromCharCode(...digest));
    await this.parts.auth.call({ method: "PUT", path, bytes: { content, sha256 } });
  }

  private closed<Room>(rooms: OpenRooms<Room>, room: Room, reason: Rejection | null): void {
    rooms.drop(room);
    if (reason?.code === "session_ended") this.parts.auth.end(rejection("session_ended"));
  }

  private scope(chat: string): OutboxScope {
    return { origin: this.parts.origin, person: this.parts.me.id, chat };
  }

  private history(kind: RoomKindName, id: string): HistoryPages {
    const path = `/v1/rooms/${kind}/${encodeURIComponent(id)}/messages`;
    return (before) => this.get(query(path, { before, limit: pageSize }));
  }

  /** Every page of a list. */
  private async all<T>(path: string, values: Query = {}): Promise<readonly T[]> {
    const all: T[] = [];
    let after: string | null = null;
    do {
      const page: Page<T> = await this.get(query(path, { ...values, after, limit: listSize }));
      all.push(...page.items);
      after = page.next;
    } while (after !== null);
    return all;
  }

  private get<T>(path: string): Promise<T> {
    return this.parts.auth.call<T>({ method: "GET", path });
  }
}

function query(path: string, values: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== null) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
}

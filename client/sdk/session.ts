import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { RoomKindName } from "../../core/domain/room.ts";
import type { ChatSummary, Me, Person, QueueSummary, VisitItem } from "../../core/protocol/rest.ts";
import type { SearchResults } from "../../core/protocol/rest-search.ts";
import * as routes from "./api/routes.ts";
import type { InputOf } from "./api/types.ts";
import type { AuthSession } from "./auth-session.ts";
import type { HistoryPages } from "./chat/history.ts";
import { LiveChat } from "./chat/live-chat.ts";
import type { OutboxScope, OutboxStore } from "./chat/outbox-store.ts";
import type { ChatStateLike } from "./chat/room-view.ts";
import type { NetworkHints } from "./connection/network-hints.ts";
import { RoomConnection } from "./connection/room-connection.ts";
import type { OpenRoom } from "./connection/room-port.ts";
import type { ChatMessages, VisitMessages, WaitingMessages } from "./connection/rooms.ts";
import { LiveFiles } from "./files/sent-files.ts";
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

type ChunkAddress = InputOf<"putRecordingChunk">["params"];
type NewChat = Parameters<Session["createChat"]>[0];

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

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

  readonly files: LiveFiles;

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.files = new LiveFiles(parts.auth, parts.origin);
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
    return everyPage((page) => this.parts.auth.call(routes.listChats, { query: page }));
  }

  async people(q?: string): Promise<readonly Person[]> {
    return (await this.parts.auth.call(routes.listPeople, { query: { q } })).items;
  }

  async consentTexts(): Promise<readonly ConsentText[]> {
    return (await this.parts.auth.call(routes.listConsentTexts)).items;
  }

  async createChat({ title, members }: NewChat): Promise<ChatSummary> {
    const { auth } = this.parts;
    const body = { id: newId(), title, members: [...members] };
    const { id } = await auth.call(routes.createChat, { body });
    return auth.call(routes.getChat, { params: { id } });
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
    return (await this.parts.auth.call(routes.listQueues)).items;
  }

  visits(query: VisitsQuery = {}): Promise<readonly VisitItem[]> {
    return everyPage((page) => this.parts.auth.call(routes.listVisits, { query: { ...query, ...page } }));
  }

  search(q: string, page: { readonly after?: string; readonly limit?: number } = {}): Promise<SearchResults> {
    return this.parts.auth.call(routes.search, { query: { q, ...page } });
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
      store: (recording, segment, index, bytes) => this.store({ id, recording, segment, index }, bytes),
      // A chat may have the same id.
      chat: { scope: this.scope(`consultation/${id}`), history: this.history("consultation", id), store },
      clock,
      hints,
      closed: (reason) => this.closed(this.visitRooms, visit, reason),
    });
    return visit;
  }

  recordingFile(id: string, recording: string, name: string): Promise<Blob> {
    return this.parts.auth.call(routes.getRecordingFile, { params: { id, recording, name } });
  }

  private async store(params: ChunkAddress, content: Blob): Promise<void> {
    const bytes = await content.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const headers = { "content-digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:` };
    await this.parts.auth.call(routes.putRecordingChunk, { params, bytes }, { headers });
  }

  private closed<Room>(rooms: OpenRooms<Room>, room: Room, reason: Rejection | null): void {
    rooms.drop(room);
    if (reason?.code === "session_ended") this.parts.auth.end(rejection("session_ended"));
  }

  private scope(chat: string): OutboxScope {
    return { origin: this.parts.origin, person: this.parts.me.id, chat };
  }

  private history(kind: RoomKindName, id: string): HistoryPages {
    return (before) =>
      this.parts.auth.call(routes.listMessages, {
        params: { kind, id },
        query: { limit: pageSize, ...(before !== null && { before }) },
      });
  }
}

/** Every page of a list. */
async function everyPage<T>(
  ask: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await ask({ after, limit: listSize });
    all.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return all;
}

import type { MemberRole } from "../../core/domain/conversation/state.ts";
import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { ChatSummary, Me, Person } from "../../core/protocol/rest.ts";
import type { AuthSession } from "./auth-session.ts";
import type { HistoryPages } from "./chat/history.ts";
import { LiveChat } from "./chat/live-chat.ts";
import type { OutboxStore } from "./chat/outbox-store.ts";
import type { ChatStateLike } from "./chat/room-view.ts";
import type { NetworkHints } from "./connection/network-hints.ts";
import type { OpenRoom } from "./connection/room-port.ts";
import { type Clock, withDeadline } from "./lib/clock.ts";
import { Emitter } from "./lib/emitter.ts";
import { newId } from "./lib/ids.ts";
import type { Chat, HugMeDoEvents, Session } from "./types.ts";

export interface SessionParts {
  readonly me: Me;
  readonly origin: string;
  readonly auth: AuthSession;
  readonly openChat: (id: string) => OpenRoom<ChatStateLike>;
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

const pageSize = 50;
const listSize = 200;
/** A store that does not answer keeps nobody signed in. Milliseconds. */
const storePatience = 2_000;

/** A signed-in person: what they may ask for, and the chats they have open. */
export class LiveSession implements Session {
  private readonly parts: SessionParts;
  private readonly emitter = new Emitter<HugMeDoEvents>();
  private readonly open = new Map<string, LiveChat>();

  constructor(parts: SessionParts) {
    this.parts = parts;
  }

  get me(): Me {
    return this.parts.me;
  }

  on<K extends keyof HugMeDoEvents>(name: K, listener: (value: HugMeDoEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  async chats(): Promise<readonly ChatSummary[]> {
    const all: ChatSummary[] = [];
    let after: string | null = null;
    do {
      const page: Page<ChatSummary> = await this.get(query("/v1/chats", { after, limit: listSize }));
      all.push(...page.items);
      after = page.next;
    } while (after !== null);
    return all;
  }

  async people(search?: string): Promise<readonly Person[]> {
    const page = await this.get<Page<Person>>(query("/v1/people", { q: search ?? null }));
    return page.items;
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
    const chat = this.open.get(id) ?? this.join(id);
    this.open.set(id, chat);
    return chat;
  }

  async signOut(): Promise<void> {
    const { store, origin, me, clock, signOut } = this.parts;
    await Promise.all([...this.open.values()].map((chat) => chat.leave()));
    // The device may be a shared one: nothing this person wrote stays on it.
    const cleared = store.clear({ origin, person: me.id });
    await withDeadline(clock, storePatience, cleared, () => new Error("late")).catch(() => undefined);
    await signOut();
  }

  /** The session is over. */
  end(reason: Rejection): void {
    for (const chat of [...this.open.values()]) chat.end(reason);
    this.emitter.emit("signedOut", reason);
  }

  private join(id: string): LiveChat {
    const { me, origin, store, clock, hints, openChat, auth } = this.parts;
    const chat = new LiveChat({
      scope: { origin, person: me.id, chat: id },
      open: openChat(id),
      history: this.history(id),
      store,
      clock,
      hints,
      closed: (reason) => {
        if (this.open.get(id) === chat) this.open.delete(id);
        if (reason?.code === "session_ended") auth.end(rejection("session_ended"));
      },
    });
    return chat;
  }

  private history(id: string): HistoryPages {
    const path = `/v1/rooms/chat/${encodeURIComponent(id)}/messages`;
    return (before) => this.get(query(path, { before, limit: pageSize }));
  }

  private get<T>(path: string): Promise<T> {
    return this.parts.auth.call<T>({ method: "GET", path });
  }
}

function query(path: string, values: Readonly<Record<string, string | number | null>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== null) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
}

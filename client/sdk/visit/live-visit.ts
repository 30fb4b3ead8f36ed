import type { ConsentKind, ShownText } from "../../../core/domain/consent/consent.ts";
import type { Rejection } from "../../../core/domain/errors.ts";
import type { GuestRole, MediaKind } from "../../../core/domain/visit/state.ts";
import type { JoinReply } from "../../../core/protocol/call.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type {
  InviteReply,
  VisitPayload,
  VisitRequestName,
  VisitSummary,
  YouMessage,
} from "../../../core/protocol/visit.ts";
import type { VisitCall, VisitCallEvents } from "../call/visit-call.ts";
import { type ChatParts, LiveChat } from "../chat/live-chat.ts";
import { SharedConnection } from "../chat/shared-connection.ts";
import type { NetworkHints } from "../connection/network-hints.ts";
import { RoomLink } from "../connection/room-link.ts";
import type { OpenRoom } from "../connection/room-port.ts";
import type { VisitMessages } from "../connection/rooms.ts";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { changed, keep } from "../lib/keep.ts";
import type { Chat, ConnectionStatus } from "../types.ts";
import type { RecordingItem, Visit, VisitEvents, VisitSnapshot } from "./types.ts";
import type { VisitRecorder, VisitRecorderEvents } from "./visit-recorder.ts";
import { conversationOf, emptyVisit, readVisit, type VisitStateLike } from "./visit-state.ts";

export interface VisitParts {
  readonly id: string;
  readonly me: string;
  readonly open: OpenRoom<VisitStateLike, VisitMessages>;
  /** The conversation's, but for its connection, which is the visit's. */
  readonly chat: Pick<ChatParts, "scope" | "history" | "store">;
  /** Brings a piece of what is recorded to this address, below the visit's own. */
  readonly store: VisitRecorder["store"];
  readonly clock: Clock;
  readonly hints: NetworkHints;
  /** Told once, when the visit is closed for good; null: it was left. */
  readonly closed: (reason: Rejection | null) => void;
}

/** A visit that puts its parts together: the room's state, what may be asked of it, and its conversation. */
export class LiveVisit implements Visit {
  readonly id: string;
  readonly chat: Chat;
  readonly call: VisitCall = {
    on: (name, listener) => this.heardOfCall.on(name, listener),
    join: (capabilities) => this.link.aside<JoinReply>("media.join", { capabilities }),
    leave: () => this.link.aside("media.leave", {}),
    failed: (session, reason) => this.link.aside("media.failed", { session, reason }),
    mute: (participant) => this.link.command("media.mute", { participant }),
    signal: (session, data, to) =>
      this.link.say("media.signal", to === undefined ? { session, data } : { session, to, data }),
  };
  readonly recorder: VisitRecorder = {
    on: (name, listener) => this.heardOfRecording.on(name, listener),
    report: (recording, segment, status) =>
      this.link.aside("recording.report", { recording, segment, status }),
    store: (...piece) => this.parts.store(...piece),
  };
  private readonly parts: VisitParts;
  private readonly emitter = new Emitter<VisitEvents>();
  private readonly heardOfCall = new Emitter<VisitCallEvents>();
  private readonly heardOfRecording = new Emitter<VisitRecorderEvents>();
  private readonly told = new Emitter<VisitMessages>();
  private readonly link: RoomLink<VisitStateLike, VisitMessages>;
  private readonly conversation: SharedConnection;
  private picture: VisitSnapshot;
  /** What the present seat has said. */
  private heard = { state: false, you: false };

  constructor(parts: VisitParts) {
    const { id, me, open, clock, hints } = parts;
    this.id = id;
    this.parts = parts;
    this.picture = { id, status: "connecting", reason: null, me, you: null, ...emptyVisit };
    const conversation = new SharedConnection(clock);
    this.conversation = conversation;
    this.chat = new LiveChat({
      ...parts.chat,
      id,
      kind: "consultation",
      connect: (host) => conversation.attach(host),
      readAhead: false,
      clock,
      closed: () => undefined,
    });
    this.told.on("visit.you", (you) => this.takeYou(you));
    this.told.on("media.signal", (signal) => this.heardOfCall.emit("signal", signal));
    this.told.on("media.switched", (switched) => this.heardOfCall.emit("switched", switched));
    this.told.on("media.muteAsked", (asked) => this.heardOfCall.emit("muteAsked", asked));
    this.told.on("recording.state", (state) => this.heardOfRecording.emit("state", state));
    this.told.on("recording.lease", (lease) => this.heardOfRecording.emit("lease", lease));
    this.told.on("events", (events) => conversation.events(events));
    this.link = new RoomLink({
      open,
      clock,
      hints,
      host: {
        state: (state) => this.takeState(state),
        message: (name, payload) => this.told.emit(name, payload),
        complete: () => this.heard.state && this.heard.you,
        seated: (port) => conversation.seated(port),
        lost: () => {
          this.heard = { state: false, you: false };
          conversation.lost();
        },
        status: (status, reason) => this.takeStatus(status, reason),
      },
    });
  }

  get snapshot(): VisitSnapshot {
    return this.picture;
  }

  on<K extends keyof VisitEvents>(name: K, listener: (value: VisitEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  knock(): Promise<CommandReply> {
    return this.ask("visit.knock", {});
  }

  admit(participant: string): Promise<CommandReply> {
    return this.ask("visit.admit", { participant });
  }

  remove(participant: string): Promise<CommandReply> {
    return this.ask("visit.remove", { participant });
  }

  lock(on: boolean): Promise<CommandReply> {
    return this.ask("visit.lock", { on });
  }

  hold(on: boolean): Promise<CommandReply> {
    return this.ask("visit.hold", { on });
  }

  invite(
    role: GuestRole,
    options: { readonly label?: string; readonly expiresInSeconds?: number } = {},
  ): Promise<InviteReply> {
    return this.ask<"visit.invite", InviteReply>("visit.invite", { role, ...options });
  }

  revoke(invitation: string): Promise<CommandReply> {
    return this.ask("visit.revoke", { invitation });
  }

  transfer(to: string): Promise<CommandReply> {
    return this.ask("visit.transfer", { to });
  }

  note(body: string, options: { readonly shared?: boolean } = {}): Promise<CommandReply> {
    return this.ask("visit.note", { body, ...options });
  }

  start(): Promise<CommandReply> {
    return this.ask("visit.start", {});
  }

  end(outcome: "completed" | "referred" | "interrupted" | "no_show"): Promise<CommandReply> {
    return this.ask("visit.end", { outcome });
  }

  survey(rating: number, comment?: string): Promise<CommandReply> {
    return this.ask("visit.survey", comment === undefined ? { rating } : { rating, comment });
  }

  media(media: MediaKind): Promise<CommandReply> {
    return this.ask("visit.media", { media });
  }

  consent(what: ConsentKind, on: boolean, text?: ShownText): Promise<CommandReply> {
    if (!on) return this.ask("consent.withdraw", { what });
    return this.ask("consent.give", text === undefined ? { what } : { what, text });
  }

  record(on: boolean): Promise<CommandReply> {
    return this.link.command(on ? "recording.start" : "recording.stop", {});
  }

  summary(): Promise<VisitSummary> {
    return this.link.read<VisitSummary>("visit.summary");
  }

  async recordings(): Promise<readonly RecordingItem[]> {
    const { items } = await this.link.read<{ readonly items: readonly RecordingItem[] }>("recording.list");
    return items;
  }

  leave(): Promise<void> {
    return this.link.leave();
  }

  /** Closes the visit for a reason of the session's. */
  shut(reason: Rejection | null): void {
    this.link.close(reason);
  }

  private ask<N extends VisitRequestName, Reply extends CommandReply = CommandReply>(
    name: N,
    fields: Omit<VisitPayload<N>, "id">,
  ): Promise<Reply> {
    return this.link.command<Reply>(name, fields);
  }

  private takeState(state: VisitStateLike): void {
    this.heard.state = true;
    this.show(readVisit(state, this.picture));
    this.conversation.state(conversationOf(state));
  }

  private takeYou(you: YouMessage): void {
    this.heard.you = true;
    this.show({ you: keep(this.picture.you, you) });
    this.emitter.emit("you", you);
  }

  private takeStatus(status: ConnectionStatus, reason: Rejection | null): void {
    this.show({ status, reason });
    this.emitter.emit("status", status);
    this.conversation.status(status, reason);
    if (status === "closed") this.parts.closed(reason);
  }

  private show(changes: Partial<VisitSnapshot>): void {
    const picture = changed(this.picture, changes);
    if (picture === this.picture) return;
    this.picture = picture;
    this.emitter.emit("change", picture);
  }
}

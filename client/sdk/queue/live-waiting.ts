import type { Rejection } from "../../../core/domain/errors.ts";
import type { CheckIn } from "../../../core/domain/queue/state.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type {
  NoticeMessage,
  PlaceMessage,
  QueuePayload,
  QueueRequestName,
} from "../../../core/protocol/queue.ts";
import type { NetworkHints } from "../connection/network-hints.ts";
import type { OpenRoom } from "../connection/room-port.ts";
import type { WaitingMessages } from "../connection/rooms.ts";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { changed } from "../lib/keep.ts";
import type { ConnectionStatus } from "../types.ts";
import type { WaitingStateLike } from "./queue-state.ts";
import { QueueStay } from "./queue-stay.ts";
import type { JoinReason, Waiting, WaitingEvents, WaitingSnapshot } from "./types.ts";

export interface WaitingParts {
  readonly id: string;
  readonly open: (id: string) => OpenRoom<WaitingStateLike, WaitingMessages>;
  readonly isPatient: boolean;
  readonly clock: Clock;
  readonly hints: NetworkHints;
  /** The waiting goes on in another queue. */
  readonly moved: (to: string) => void;
  /** Told once, when it is closed for good; null: it was left. */
  readonly closed: (reason: Rejection | null) => void;
}

/** To another queue; `from` as in `QueueStay`. */
interface Way {
  readonly to: string;
  readonly from: string | null;
}

const noticeLimit = 20;

const empty: WaitingSnapshot = {
  status: "connecting",
  reason: null,
  queue: null,
  place: null,
  called: null,
  admitted: null,
  notices: [],
};

/**
 * A patient's side of a queue. Where the place goes to another queue, this goes too; what is shown stays as it
 * was until that queue has said the place.
 */
export class LiveWaiting implements Waiting {
  private readonly parts: WaitingParts;
  private readonly emitter = new Emitter<WaitingEvents>();
  private stay: QueueStay;
  private shownId: string;
  /** Transfers, by queue and time. Each is followed once: it may have led to no place. */
  private readonly followed = new Set<string>();
  private everLive = false;
  private picture = empty;

  constructor(parts: WaitingParts) {
    this.parts = parts;
    this.shownId = parts.id;
    this.stay = this.enter(parts.id, null);
  }

  get id(): string {
    return this.shownId;
  }

  get snapshot(): WaitingSnapshot {
    return this.picture;
  }

  on<K extends keyof WaitingEvents>(name: K, listener: (value: WaitingEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  join({ needs, ...rest }: JoinReason): Promise<CommandReply> {
    return this.ask("queue.join", needs === undefined ? rest : { ...rest, needs: [...needs] });
  }

  checkIn(data: CheckIn): Promise<CommandReply> {
    return this.ask("queue.checkIn", data);
  }

  confirm(): Promise<CommandReply> {
    return this.ask("queue.confirm", {});
  }

  leave(): Promise<CommandReply> {
    return this.ask("queue.leave", {});
  }

  disconnect(): Promise<void> {
    return this.stay.link.leave();
  }

  /** Closes the connection for a reason of the session's. */
  shut(reason: Rejection | null): void {
    this.stay.link.close(reason);
  }

  private ask<N extends QueueRequestName>(
    name: N,
    fields: Omit<QueuePayload<N>, "id">,
  ): Promise<CommandReply> {
    return this.stay.link.command(name, fields);
  }

  private enter(id: string, from: string | null): QueueStay {
    const { open, isPatient, clock, hints } = this.parts;
    const stay = new QueueStay({ id, from, open: open(id), isPatient, clock, hints });
    const whileHere =
      <V>(take: (value: V) => void) =>
      (value: V) => {
        if (this.stay === stay) take(value);
      };
    const { shows, told } = stay;
    shows.on(
      "queue",
      whileHere((queue) => {
        if (this.shownId === id) this.show({ queue });
      }),
    );
    shows.on(
      "status",
      whileHere(({ status, reason }) => this.takeStatus(status, reason)),
    );
    told.on(
      "queue.place",
      whileHere((place) => this.takePlace(stay, place)),
    );
    told.on(
      "queue.called",
      whileHere((called) => this.tell("called", { called }, called)),
    );
    told.on(
      "queue.admitted",
      whileHere((admitted) => this.tell("admitted", { admitted }, admitted)),
    );
    told.on(
      "queue.notice",
      whileHere((notice) => this.takeNotice(notice)),
    );
    return stay;
  }

  private takePlace(stay: QueueStay, place: PlaceMessage): void {
    if (!stay.takes(place)) return;
    const way = this.onward(stay, place);
    if (way) this.follow(way);
    else {
      this.arrive(stay);
      this.showPlace(place);
    }
  }

  /**
   * Where the place is to be looked for instead; null: here. An old transfer may lead to a queue where there
   * is no place any more: then the one that was asked for is the right one after all.
   */
  private onward({ id, from }: QueueStay, { status, ended }: PlaceMessage): Way | null {
    if (status !== "none") return null;
    const transfer = `${id} ${ended?.at}`;
    if (ended?.how === "transferred" && ended.to !== undefined && !this.followed.has(transfer)) {
      this.followed.add(transfer);
      const hadPlace = (this.picture.place?.status ?? "none") !== "none";
      const back = from ?? id;
      return { to: ended.to, from: hadPlace || ended.to === back ? null : back };
    }
    return from === null ? null : { to: from, from: null };
  }

  private showPlace(place: PlaceMessage): void {
    const { called, admitted } = this.picture;
    // Whoever waits anew has left the visit of before behind.
    const anew = admitted !== null && place.joinedAt !== null && place.joinedAt > admitted.at;
    const changes = {
      place,
      called: place.status === "called" ? called : null,
      admitted: anew ? null : admitted,
    };
    this.tell("place", changes, place);
  }

  /** What is shown is this queue's from now on. */
  private arrive({ id, queue }: QueueStay): void {
    if (this.shownId === id) return;
    this.shownId = id;
    const notices = this.picture.notices.filter(({ personal }) => personal);
    this.picture = { ...this.picture, queue, notices };
    this.parts.moved(id);
  }

  private follow({ to, from }: Way): void {
    const before = this.stay;
    this.stay = this.enter(to, from);
    void before.link.leave();
    this.show({ called: null });
    this.takeStatus("connecting", null);
  }

  private takeNotice(notice: NoticeMessage): void {
    const { notices } = this.picture;
    const known = notices.some(({ at, body }) => at === notice.at && body === notice.body);
    if (known) return;
    const all = [...notices, notice].sort((a, b) => a.at - b.at).slice(-noticeLimit);
    this.tell("notice", { notices: all }, notice);
  }

  private takeStatus(told: ConnectionStatus, reason: Rejection | null): void {
    this.everLive ||= told === "live";
    const status = told === "connecting" && this.everLive ? "recovering" : told;
    if (status === this.picture.status) return;
    this.tell("status", { status, reason }, status);
    if (status === "closed") this.parts.closed(reason);
  }

  private tell<K extends keyof WaitingEvents>(
    name: K,
    changes: Partial<WaitingSnapshot>,
    value: WaitingEvents[K],
  ): void {
    this.show(changes);
    this.emitter.emit(name, value);
  }

  private show(changes: Partial<WaitingSnapshot>): void {
    const picture = changed(this.picture, changes);
    if (picture === this.picture) return;
    this.picture = picture;
    this.emitter.emit("change", picture);
  }
}

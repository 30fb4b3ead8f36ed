import type { Rejection } from "../../../core/domain/errors.ts";
import type { UnmaskReason } from "../../../core/domain/masking/view.ts";
import type { QueueMetrics } from "../../../core/domain/queue/metrics.ts";
import type { CheckInField, Priority } from "../../../core/domain/queue/state.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type { QueuePayload, QueueRequestName, UnmaskReply } from "../../../core/protocol/queue.ts";
import type { NetworkHints } from "../connection/network-hints.ts";
import { RoomLink } from "../connection/room-link.ts";
import type { OpenRoom, Touched } from "../connection/room-port.ts";
import type { WaitingMessages } from "../connection/rooms.ts";
import { listOf } from "../connection/state-parts.ts";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { changed, keep, keepEach } from "../lib/keep.ts";
import { oneOf } from "../lib/one-of.ts";
import type { ConnectionStatus } from "../types.ts";
import { EntryViews } from "./entry-views.ts";
import { readQueue, type WaitingStateLike } from "./queue-state.ts";
import type { Board, BoardEvents, BoardSnapshot, DepartureView, DutyView } from "./types.ts";

export interface BoardParts {
  readonly id: string;
  readonly me: string;
  readonly open: OpenRoom<WaitingStateLike, WaitingMessages>;
  readonly clock: Clock;
  readonly hints: NetworkHints;
  /** Told once, when the board is closed for good; null: it was left. */
  readonly closed: (reason: Rejection | null) => void;
}

const dutyStatuses: readonly DutyView["status"][] = ["available", "in_visit", "away"];

/** A queue as its staff run it: the room's state as pictures, and what may be done to it. */
export class LiveBoard implements Board {
  readonly id: string;
  private readonly parts: BoardParts;
  private readonly emitter = new Emitter<BoardEvents>();
  private readonly entries = new EntryViews();
  private readonly link: RoomLink<WaitingStateLike, WaitingMessages>;
  private picture: BoardSnapshot;
  /** The present seat has shown its state. */
  private shown = false;

  constructor(parts: BoardParts) {
    const { id, me, open, clock, hints } = parts;
    this.id = id;
    this.parts = parts;
    this.picture = {
      status: "connecting",
      reason: null,
      queue: null,
      me,
      entries: [],
      duty: [],
      staff: {},
      departed: [],
    };
    this.link = new RoomLink({
      open,
      clock,
      hints,
      host: {
        state: (state, touched) => this.takeState(state, touched),
        message: () => undefined,
        complete: () => this.shown,
        lost: () => {
          this.shown = false;
        },
        status: (status, reason) => this.takeStatus(status, reason),
      },
    });
  }

  get snapshot(): BoardSnapshot {
    return this.picture;
  }

  on<K extends keyof BoardEvents>(name: K, listener: (value: BoardEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  call(entry: string): Promise<CommandReply> {
    return this.ask("queue.call", { entry });
  }

  admit(entry: string, options: { readonly clinician?: string } = {}): Promise<CommandReply> {
    return this.ask("queue.admit", { entry, ...options });
  }

  hold(entry: string): Promise<CommandReply> {
    return this.ask("queue.hold", { entry });
  }

  resume(entry: string): Promise<CommandReply> {
    return this.ask("queue.resume", { entry });
  }

  move(entry: string, before: string | null, reason: string): Promise<CommandReply> {
    return this.ask("queue.move", { entry, before, reason });
  }

  prioritise(entry: string, priority: Priority, reason: string): Promise<CommandReply> {
    return this.ask("queue.prioritise", { entry, priority, reason });
  }

  transfer(entry: string, to: string): Promise<CommandReply> {
    return this.ask("queue.transfer", { entry, to });
  }

  notify(body: string, entry?: string): Promise<CommandReply> {
    return this.ask("queue.notify", entry === undefined ? { body } : { body, entry });
  }

  noShow(entry: string): Promise<CommandReply> {
    return this.ask("queue.noShow", { entry });
  }

  remove(entry: string, reason: string): Promise<CommandReply> {
    return this.ask("queue.remove", { entry, reason });
  }

  open(): Promise<CommandReply> {
    return this.ask("queue.open", {});
  }

  close(): Promise<CommandReply> {
    return this.ask("queue.close", {});
  }

  suspend(options: { readonly until?: number; readonly notice?: string } = {}): Promise<CommandReply> {
    return this.ask("queue.suspend", options);
  }

  duty(status: "available" | "away" | "off"): Promise<CommandReply> {
    return this.ask("queue.duty", { status });
  }

  async unmask(
    entry: string,
    fields: readonly CheckInField[],
    reason: UnmaskReason,
  ): Promise<UnmaskReply["values"]> {
    const asked: QueuePayload<"queue.unmask"> = { entry, fields: [...fields], reason };
    return (await this.link.read<UnmaskReply>("queue.unmask", asked)).values;
  }

  metrics(): Promise<QueueMetrics> {
    return this.link.read<QueueMetrics>("queue.metrics");
  }

  disconnect(): Promise<void> {
    return this.link.leave();
  }

  /** Closes the board for a reason of the session's. */
  shut(reason: Rejection | null): void {
    this.link.close(reason);
  }

  private ask<N extends QueueRequestName>(
    name: N,
    fields: Omit<QueuePayload<N>, "id">,
  ): Promise<CommandReply> {
    return this.link.command(name, fields);
  }

  private takeState(state: WaitingStateLike, touched: Touched | undefined): void {
    const before = this.picture;
    this.shown = true;
    const staff = Object.fromEntries(listOf(state.staff, (name, person) => [person, name] as const));
    this.show({
      queue: readQueue(this.id, state, before.queue),
      entries: this.entries.read(state.entries, touched),
      duty: keepEach(before.duty, readDuty(state)),
      staff: keep(before.staff, staff),
      departed: keepEach(before.departed, readDeparted(state)),
    });
  }

  private takeStatus(status: ConnectionStatus, reason: Rejection | null): void {
    this.show({ status, reason });
    this.emitter.emit("status", status);
    if (status === "closed") this.parts.closed(reason);
  }

  private show(changes: Partial<BoardSnapshot>): void {
    const picture = changed(this.picture, changes);
    if (picture === this.picture) return;
    this.picture = picture;
    this.emitter.emit("change", picture);
  }
}

function readDuty(state: WaitingStateLike): readonly DutyView[] {
  return listOf(state.duty, ({ name, status, since, clinician, visit }, person) => ({
    person,
    name,
    status: oneOf(dutyStatuses, status, "away"),
    since,
    clinician,
    visit: visit || null,
  }));
}

function readDeparted(state: WaitingStateLike): readonly DepartureView[] {
  const list = listOf(state.departed, ({ entry, patient, name, how, at, byName, to }) => {
    return { entry, patient, name, how, at, byName, to };
  });
  return list.toReversed();
}

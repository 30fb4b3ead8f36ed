import type { Rejection } from "../../core/domain/errors.ts";
import type { Behaviour, Command, Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";

/** What is decided: who asked for what, the events of it or why not, and the state after them. */
export interface Decided<Root, Asked> {
  readonly asked: Asked;
  readonly events: readonly Recorded[];
  readonly refusal: Rejection | null;
  readonly after: Root;
}

interface Request {
  readonly by: Principal;
  readonly command: Command;
}

/**
 * A room's state in two stages. `committed` is durable and may be shown. `draft` goes on from there with
 * what is decided but not yet durable, so that commands which travel together are decided in order.
 */
export class Ledger<Root, Asked extends Request> {
  readonly #behaviour: Behaviour<Root>;
  #committed: Root;
  #committedSeq: number;
  #draftSeq: number;
  #lastAt: number;
  #queued: Decided<Root, Asked>[] = [];
  #flying: Decided<Root, Asked>[] = [];

  constructor(behaviour: Behaviour<Root>, committed: Root, committedSeq: number, lastAt: number) {
    this.#behaviour = behaviour;
    this.#committed = committed;
    this.#committedSeq = committedSeq;
    this.#draftSeq = committedSeq;
    this.#lastAt = lastAt;
  }

  get committed(): Root {
    return this.#committed;
  }

  get committedSeq(): number {
    return this.#committedSeq;
  }

  get draft(): Root {
    return (this.#queued.at(-1) ?? this.#flying.at(-1))?.after ?? this.#committed;
  }

  /** Commands whose outcome is open. */
  get size(): number {
    return this.#queued.length + this.#flying.length;
  }

  /** Whether anything waits that must be made durable. */
  get hasEvents(): boolean {
    return this.#draftSeq > this.#committedSeq;
  }

  /** Time never goes back within a room. */
  notBefore(now: number): number {
    return Math.max(now, this.#lastAt);
  }

  /** Decides on the draft and queues what follows; a rejection changes nothing. null: no such command. */
  decide(asked: Asked, now: number): Decided<Root, Asked> | Rejection | null {
    const decision = this.#behaviour.decide(this.draft, asked.command, asked.by, now);
    if (!decision) return null;
    if (!decision.ok) return decision.rejection;
    const by = asked.by.id;
    let after = this.draft;
    const events = decision.events.map((event, i) => {
      const recorded = { seq: this.#draftSeq + 1 + i, at: now, by, event };
      after = this.#behaviour.evolve(after, recorded);
      return recorded;
    });
    this.#draftSeq += events.length;
    if (events.length > 0) this.#lastAt = now;
    const decided = { asked, events, refusal: null, after };
    this.#queued.push(decided);
    return decided;
  }

  /** Queues a refusal behind everything that it may follow from. */
  refuse(asked: Asked, refusal: Rejection): void {
    this.#queued.push({ asked, events: [], refusal, after: this.draft });
  }

  /** Sends off the oldest of the queue, at most `limit` commands; call again only after they landed. */
  take(limit: number): readonly Decided<Root, Asked>[] {
    this.#flying = this.#queued.slice(0, limit);
    this.#queued = this.#queued.slice(limit);
    return this.#flying;
  }

  /** What was sent off is durable. */
  commit(): readonly Decided<Root, Asked>[] {
    const landed = this.#flying;
    this.#flying = [];
    this.#committed = landed.at(-1)?.after ?? this.#committed;
    this.#committedSeq += landed.reduce((sum, { events }) => sum + events.length, 0);
    return landed;
  }

  /** Forgets everything that is not committed and returns who asked for it, in order. */
  rewind(): Asked[] {
    const open = [...this.#flying, ...this.#queued].map(({ asked }) => asked);
    this.#flying = [];
    this.#queued = [];
    this.#draftSeq = this.#committedSeq;
    return open;
  }

  /** Takes in an event that the journal has and this room has not seen commit. */
  fold(recorded: Recorded): void {
    this.#committed = this.#behaviour.evolve(this.#committed, recorded);
    this.#committedSeq = recorded.seq;
    this.#draftSeq = recorded.seq;
    this.#lastAt = Math.max(this.#lastAt, recorded.at);
  }
}

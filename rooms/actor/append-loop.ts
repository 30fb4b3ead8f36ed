import { DomainError, rejection, toDomainError } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import { AppendUnknown } from "../../core/platform/journal/group-commit.ts";
import type { RoomPart } from "../../core/platform/journal/journal-store.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { ActorPorts, ActorSeed } from "./actor-ports.ts";
import { type Asking, answerUnlessRepeated, dismissLate, resolveRecorded } from "./asking.ts";
import { Ledger } from "./ledger.ts";
import type { Claim } from "./ownership.ts";
import { mend } from "./recovery.ts";
import type { RoomKind } from "./room-kind.ts";
import { toPart } from "./room-part.ts";
import type { RoomWatch } from "./room-watch.ts";
import { WakeMark } from "./wake-mark.ts";

export interface LoopParts<Root> {
  readonly kind: RoomKind<Root>;
  readonly seed: ActorSeed<Root>;
  readonly ports: Pick<ActorPorts, "process" | "commits" | "journal" | "owners" | "clock">;
  readonly watch: Pick<RoomWatch, "mended">;
  readonly log: () => Logger;
  readonly patienceMs: number;
  /** When somebody has to wake the room, if it sleeps in this state. */
  wakeTime(state: Root, now: number): number | null;
  /** These events are durable: the room was as `before`. Called in order, before whoever asked is answered. */
  landed(events: readonly Recorded[], before: Root): void;
  /** Nothing is under way any more. */
  settled(): void;
  /** Another process has the room. */
  fenced(): void;
}

const commandsPerAppend = 128;
/** Commands that come to nothing need no append, and go together. */
const commandsAtOnce = 256;

/**
 * Decides commands in their order, appends what follows, and answers when it is durable. Holds the room's only right
 * to append, and has one append in flight at most.
 */
export class AppendLoop<Root> {
  readonly #parts: LoopParts<Root>;
  readonly #ledger: Ledger<Root, Asking>;
  readonly #wake = new WakeMark();
  #claim: Claim;
  /** An append is in flight, or its outcome is being found out. */
  #appending = false;
  /** Whose append it is that is being found out. */
  #open: Asking[] = [];
  /** Commands that are decided later: when it is known what became of an append, or that the room stays. */
  #held: Asking[] | null = null;
  #stopped = false;

  constructor(parts: LoopParts<Root>) {
    const { kind, seed } = parts;
    this.#parts = parts;
    this.#claim = seed.claim;
    this.#ledger = new Ledger(kind.behaviour, seed.state, seed.seq, seed.lastAt);
  }

  /** What is durable. */
  get state(): Root {
    return this.#ledger.committed;
  }

  /** What is durable, and what is decided beyond it. */
  get draft(): Root {
    return this.#ledger.draft;
  }

  get seq(): number {
    return this.#ledger.committedSeq;
  }

  get claim(): Claim {
    return this.#claim;
  }

  /** How many wait for an answer, but those of whose append the outcome is being found out. */
  get waiting(): number {
    return this.#ledger.size + (this.#held?.length ?? 0);
  }

  /** Everything that was decided is durable or refused, and nothing is in flight. */
  get isSettled(): boolean {
    return this.#ledger.size === 0 && !this.#appending;
  }

  decide(asking: Asking): void {
    if (this.#stopped) {
      asking.reject(new DomainError("room_closed"));
      return;
    }
    if (this.#held) {
      this.#held.push(asking);
      return;
    }
    try {
      const { command, by } = asking;
      const denied = this.#parts.kind.authorise(this.#ledger.draft, command, by);
      const decided = denied ?? this.#ledger.decide(asking, this.#now()) ?? rejection("unknown_request");
      // A refusal may follow from what is not durable yet: like every answer it waits until that is.
      if ("code" in decided) this.#ledger.refuse(asking, decided);
    } catch (error) {
      asking.reject(error);
    }
    this.flush();
  }

  /** Sends off what is decided, unless something is on its way; says so when there is nothing. */
  flush(): void {
    if (this.#appending) return;
    if (this.#ledger.size === 0) {
      this.#parts.settled();
      return;
    }
    if (!this.#ledger.hasEvents) {
      this.#ledger.take(commandsAtOnce);
      this.#land();
      return;
    }
    this.#appending = true;
    this.#parts.ports.commits
      .append(() => this.#nextPart())
      .then(
        (outcome) => {
          if (outcome === "appended") this.#land();
          else if (outcome === "stale") this.#lose();
          else void this.#mend("repeated");
        },
        (error: unknown) => void this.#mend("unknown", error),
      );
  }

  /** Decides nothing more until `resume`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Goes on, under this claim where there is a new one. */
  resume(claim = this.#claim): void {
    this.#claim = claim;
    // What is held until an append's outcome is known is decided then, and not here as well.
    if (this.#appending) return;
    const held = this.#held ?? [];
    this.#held = null;
    for (const asking of held) this.decide(asking);
  }

  /** Nothing more is decided or shown, and nobody waits any longer. */
  stop(): void {
    this.#stopped = true;
    const open = [...this.#open, ...this.#ledger.rewind(), ...(this.#held ?? [])];
    this.#open = [];
    this.#held = null;
    for (const { reject } of open) reject(new DomainError("room_closed"));
  }

  #nextPart(): RoomPart {
    const { kind, seed, wakeTime } = this.#parts;
    const taken = this.#ledger.take(commandsPerAppend);
    const state = taken.at(-1)?.after ?? this.state;
    const part = toPart({ kind, ...seed, epoch: this.#claim.epoch }, taken, state, this.seq + 1);
    return { ...part, ...this.#wake.next(wakeTime(state, this.#now())) };
  }

  #land(): void {
    const before = this.state;
    const landed = this.#ledger.commit();
    this.#appending = false;
    this.#wake.landed();
    if (this.#stopped) return;
    this.#parts.landed(
      landed.flatMap(({ events }) => events),
      before,
    );
    for (const { asked, events, refusal } of landed) {
      const last = events.at(-1);
      if (last) asked.resolve({ seq: last.seq, at: last.at });
      else if (refusal) this.#unlessRepeated(asked, () => asked.reject(toDomainError(refusal)));
      else this.#unlessRepeated(asked, () => asked.resolve({ seq: this.seq, at: this.#now() }));
    }
    this.flush();
  }

  #unlessRepeated(asked: Asking, otherwise: () => void): void {
    const { ports, seed } = this.#parts;
    void answerUnlessRepeated(asked, ports.journal, seed.ref, otherwise);
  }

  /** Finds out what became of an append, takes in what is durable, and decides the rest again. */
  async #mend(why: "repeated" | "unknown", cause?: unknown): Promise<void> {
    if (this.#stopped) return;
    const { seed, ports, watch, log, patienceMs } = this.#parts;
    const held: Asking[] = [];
    this.#held = held;
    this.#wake.lost();
    this.#open = this.#ledger.rewind();
    if (cause)
      log().info({ err: causeOf(cause) }, "it is not known what became of an append; it is found out");
    try {
      const found = await mend({
        why,
        ref: seed.ref,
        key: seed.key,
        claim: this.#claim,
        after: this.seq,
        ports,
        stillOpen: () => [...this.#open, ...held],
        failed: (error) => {
          this.#open = dismissLate(this.#open, patienceMs, error);
          held.splice(0, held.length, ...dismissLate(held, patienceMs, error));
        },
        stopped: () => this.#stopped,
      });
      if (this.#stopped) return;
      watch.mended(found !== null);
      if (!found) return this.#lose();
      this.#claim = found.claim;
      const before = this.state;
      for (const recorded of found.tail) this.#ledger.fold(recorded);
      this.#parts.landed(found.tail, before);
      this.#open = resolveRecorded(this.#open, found.recorded);
    } catch (error) {
      log().error({ err: error }, "a room could not be mended");
      return this.#lose();
    }
    const open = [...this.#open, ...held];
    this.#open = [];
    this.#held = null;
    this.#appending = false;
    for (const asking of open) this.decide(asking);
    this.flush();
  }

  #lose(): void {
    if (this.#stopped) return;
    this.stop();
    this.#parts.fenced();
  }

  #now(): number {
    return this.#ledger.notBefore(this.#parts.ports.clock.now());
  }
}

/** What the database said. */
function causeOf(error: unknown): unknown {
  return error instanceof AppendUnknown ? error.cause : error;
}

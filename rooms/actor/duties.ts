import type { Command } from "../../core/domain/feature.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { ActorPorts, ActorSeed } from "./actor-ports.ts";
import { Deadline } from "./deadline.ts";
import { ErrandRunner } from "./errand-runner.ts";
import type { RoomKind } from "./room-kind.ts";

export interface DutyParts<Root> {
  readonly kind: Pick<RoomKind<Root>, "behaviour">;
  readonly seed: ActorSeed<Root>;
  readonly ports: Pick<ActorPorts, "wheel" | "clock" | "deliver">;
  readonly log: () => Logger;
  /** Gives the room a command of its own. Throws DomainError. */
  issue(command: Command): Promise<unknown>;
  /** Whether it takes any. */
  open(): boolean;
}

/** A room that sleeps or dies with an errand outstanding is woken after so long. */
const errandWakeMs = 30_000;

/** What a room does by itself for as long as it is awake: it keeps its deadlines, and has things done elsewhere. */
export class Duties<Root> {
  readonly #parts: DutyParts<Root>;
  readonly #deadline: Deadline;
  readonly #errands: ErrandRunner;

  constructor(parts: DutyParts<Root>) {
    const { seed, ports, log, issue } = parts;
    this.#parts = parts;
    this.#deadline = new Deadline(ports.wheel, ports.clock, (command) => this.note(command));
    this.#errands = new ErrandRunner({
      from: { org: seed.org, ref: seed.ref },
      deliver: ports.deliver,
      wheel: ports.wheel,
      log,
      settle: issue,
    });
  }

  /** The room is durably so. */
  follow(state: Root): void {
    const { behaviour } = this.#parts.kind;
    this.#deadline.arm(behaviour.due(state));
    this.#errands.consider(behaviour.errands(state));
  }

  /** Nothing of this room is under way in another one. */
  get idle(): boolean {
    return this.#errands.idle;
  }

  /** When somebody has to wake the room if it sleeps: at its deadline, or soon when an errand is outstanding. */
  wakeTime(state: Root, now: number): number | null {
    const { behaviour } = this.#parts.kind;
    const due = behaviour.due(state)?.at ?? null;
    if (behaviour.errands(state).length === 0) return due;
    const soon = now + errandWakeMs;
    return due === null ? soon : Math.min(due, soon);
  }

  /** The room notes something by itself. Whether it is done; never throws. */
  async note(command: Command): Promise<boolean> {
    try {
      await this.#parts.issue(command);
      return true;
    } catch (err) {
      if (this.#parts.open())
        this.#parts.log().warn({ err, command: command.name }, "the room refused itself");
      return false;
    }
  }

  stop(): void {
    this.#deadline.stop();
    this.#errands.stop();
  }
}

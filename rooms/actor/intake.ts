import { DomainError, toDomainError } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { type DataKey, macOf } from "../../core/platform/crypto/data-keys.ts";
import type { CommandReply } from "../../core/protocol/events.ts";
import { Coalescer } from "./coalescer.ts";
import { RecentCommands } from "./recent-commands.ts";
import type { Asked, RequestGuard, RoomKind } from "./room-kind.ts";
import type { TimerWheel } from "./timer-wheel.ts";

type CommandGuard<Root> = Extract<RequestGuard<Root>, { type: "command" }>;

/** Hands a command on to be decided; `mac` is null where a repeat need not be recognised. */
export type Submit = (
  by: Principal,
  command: Command | Promise<Command>,
  mac: Buffer | null,
) => Promise<CommandReply>;

/** The actor's front: parses commands, recognises repeats, and thins out streams. */
export class Intake<Root> {
  readonly #kind: RoomKind<Root>;
  readonly #key: DataKey;
  readonly #recent = new RecentCommands();
  readonly #coalescer: Coalescer;
  readonly #durable: () => Root;

  constructor(kind: RoomKind<Root>, key: DataKey, wheel: TimerWheel, durable: () => Root) {
    this.#durable = durable;
    this.#kind = kind;
    this.#key = key;
    this.#coalescer = new Coalescer(wheel);
  }

  take(
    guard: CommandGuard<Root>,
    name: string,
    payload: unknown,
    asked: Asked<Root>,
    submit: Submit,
  ): Promise<CommandReply> {
    const { by } = asked;
    const { id, body, prepare, reply: more } = guard.parse(payload);
    const withMore = (reply: Promise<CommandReply>) => (more ? this.#complete(reply, more, asked) : reply);
    if (guard.coalesce) return this.#gather(guard.coalesce, name, prepare(asked), asked, submit);
    if (id === null) return submit(by, prepare(asked), null);

    const mac = macOf(this.#key, `${name} ${body}`);
    const known = this.#recent.find(by.id, id);
    if (known?.mac.equals(mac)) return withMore(known.reply);
    if (known) {
      // The id is taken only if that other request came to something.
      return known.reply.then(
        () => Promise.reject(new DomainError("command_conflict")),
        () => this.take(guard, name, payload, asked, submit),
      );
    }
    const reply = submit(by, prepare(asked), mac);
    this.#recent.remember(by.id, id, { mac, reply });
    return withMore(reply);
  }

  /** Refused ones are told at once, and spoil nothing for those they would be merged with. */
  async #gather(
    rule: NonNullable<CommandGuard<Root>["coalesce"]>,
    name: string,
    prepared: Command | Promise<Command>,
    { by, state }: Asked<Root>,
    submit: Submit,
  ): Promise<CommandReply> {
    const command = await prepared;
    const decision = this.#kind.behaviour.decide(state, command, by, 0);
    const refusal =
      this.#kind.authorise(state, command, by) ?? (decision?.ok === false ? decision.rejection : null);
    if (refusal) throw toDomainError(refusal);
    return this.#coalescer.pass(`${by.id} ${name}`, command, rule, (merged) => submit(by, merged, null));
  }

  /** What comes with it is not kept: it is made again for every repeat. */
  async #complete(
    reply: Promise<CommandReply>,
    more: (asked: Asked<Root>) => object | Promise<object>,
    asked: Asked<Root>,
  ): Promise<CommandReply> {
    const result = await reply;
    return { ...(await more({ ...asked, state: this.#durable() })), ...result };
  }
}

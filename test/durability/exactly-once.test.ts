import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { check, report } from "../checker/check.ts";
import type { Line } from "../checker/history.ts";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import { cutConnections } from "./cut.ts";
import { type Audience, Engine } from "./engine.ts";
import { recordingTime } from "./recorder.ts";
import { readRows } from "./store.ts";

/** Numbers choose the person, the process, and which of the earlier commands. */
const who = fc.nat(1);
const where = fc.nat(2);
const which = fc.nat(100);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant("send" as const), who, where }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("edit" as const), where, which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("delete" as const), where, which }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("repeat" as const), where, which }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("forge" as const), where, which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("crash" as const), where }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("cut" as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const) }) },
);
const scripts = fc.array(step, { minLength: 10, maxLength: 40, size: "medium" });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const patience = 80_000;
const people = ["ann", "ben"].map(
  (id): Principal => ({ org: "org", id, name: id, roles: ["clinician"], session: id }),
);

let postgres: Postgres;
let url: string;
let engines: Engine[];

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase("exactly_once");
  await assertDurable(url);
  engines = await Promise.all(["a", "b", "c"].map((name) => Engine.open(name, url)));
}, patience);

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await postgres.dispose();
});

test(
  "however requests are repeated, on whichever process, over crashes and broken connections, each has one effect",
  async () => {
    const total = { commands: 0, repeats: 0, conflicts: 0 };
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const run = new Run(`once-${randomUUID().slice(0, 8)}`);
        const lines = await run.play(script);
        total.commands += run.commands.length;
        total.repeats += run.repeats;
        total.conflicts += run.conflicts;
        expect(report(check(lines))).toBe("nothing is wrong");
      }),
      { numRuns: 40 },
    );
    expect(total.commands).toBeGreaterThan(100);
    expect(total.repeats).toBeGreaterThan(60);
    expect(total.conflicts).toBeGreaterThan(10);
  },
  patience,
);

interface Payload {
  readonly id: string;
  readonly body?: string;
  readonly of?: number;
}

interface Asked {
  readonly by: Principal;
  readonly name: string;
  readonly payload: Payload;
  seq: number | null;
}

/** One room's story: persons who repeat every request, anywhere, until it is answered. */
class Run {
  readonly commands: Asked[] = [];
  repeats = 0;
  conflicts = 0;
  readonly #ref: RoomRef;
  readonly #lines: Line[] = [];
  readonly #answers: Promise<void>[] = [];

  constructor(id: string) {
    this.#ref = { kind: "chat", id };
  }

  async play(script: readonly Step[]): Promise<Line[]> {
    await this.#found();
    for (const one of script) await this.#perform(one);
    await Promise.all(this.#answers);
    const stored = await engineAt(0).resume(this.#ref);
    const rows = await readRows(url, [this.#ref.id]);
    return [
      ...this.#lines,
      ...rows,
      ...stored.map((event) => ({ ...this.#room, op: "stored" as const, event: { ...event } })),
    ];
  }

  async #found(): Promise<void> {
    const members = people.map(({ id }) => ({ person: id, role: "admin" }));
    const payload = { id: randomUUID(), title: "Once", members };
    await engineAt(0).found(this.#ref, "org");
    const [ann] = people;
    if (ann) await engineAt(0).request(this.#ref, ann, "chat.create", payload, this.#audience);
  }

  async #perform(one: Step): Promise<void> {
    if (one.does === "wait") await this.#answers.at(-1);
    if (one.does === "crash") engineAt(one.where).crash();
    if (one.does === "cut") await cutConnections(url);
    if (one.does === "send") this.#begin(people[one.who], one.where, "chat.send", { body: this.#newBody() });
    if ("which" in one) await this.#again(one, this.commands[one.which % (this.commands.length || 1)]);
  }

  /** Something about an earlier command. */
  async #again({ does, where }: { does: Step["does"]; where: number }, earlier?: Asked): Promise<void> {
    if (!earlier) return;
    if (does === "repeat") this.#repeat(earlier, where);
    const { by, name, seq } = earlier;
    if (seq === null || name !== "chat.send") return;
    if (does === "forge") await this.#forge(earlier, where);
    if (does === "edit") this.#begin(by, where, "chat.edit", { of: seq, body: this.#newBody() });
    if (does === "delete") this.#begin(by, where, "chat.delete", { of: seq });
  }

  #newBody(): string {
    return `text ${this.commands.length}`;
  }

  #begin(by: Principal | undefined, where: number, name: string, fields: Omit<Payload, "id">): void {
    if (!by) return;
    const asked: Asked = { by, name, payload: { id: randomUUID(), ...fields }, seq: null };
    this.commands.push(asked);
    this.#lines.push({ ...this.#seen(by.id), op: "send", name, payload: { ...asked.payload } });
    this.#ask(asked, where);
  }

  #repeat(asked: Asked, where: number): void {
    this.repeats += 1;
    this.#ask(asked, where);
  }

  #ask(asked: Asked, where: number): void {
    this.#answers.push(this.#untilAnswered(asked, where));
  }

  /**
   * Asks, and asks the next process when this one has no answer. One that was replaced may know too little
   * and refuse for that; that a message is deleted is final.
   */
  async #untilAnswered(asked: Asked, where: number): Promise<void> {
    const { by, name, payload } = asked;
    for (let process = where; ; process += 1) {
      const answer = await this.#request(by, process, name, payload);
      expect(answer).not.toBe("command_conflict");
      if (typeof answer === "number") {
        this.#lines.push({ ...this.#seen(by.id), op: "ack", id: payload.id, seq: answer });
        asked.seq = answer;
        return;
      }
      if (answer === "message_deleted") {
        this.#lines.push({ ...this.#seen(by.id), op: "refused", id: payload.id, code: answer });
        return;
      }
    }
  }

  /** The same id with another body is never taken, before or after a crash. */
  async #forge({ by, name, payload }: Asked, where: number): Promise<void> {
    // While one of two requests with one id is being looked up, the other may be told of a conflict too.
    await Promise.all(this.#answers);
    const answer = await this.#request(by, where, name, { ...payload, body: "forged" });
    expect(answer).not.toBeTypeOf("number");
    if (answer === "command_conflict") this.conflicts += 1;
  }

  /** The seq, or why not. */
  async #request(by: Principal, process: number, name: string, payload: object): Promise<number | string> {
    try {
      const reply = await engineAt(process).request(this.#ref, by, name, payload, this.#audience);
      return "seq" in reply && typeof reply.seq === "number" ? reply.seq : "no seq";
    } catch (error) {
      return error instanceof DomainError ? error.code : String(error);
    }
  }

  get #room() {
    return { room: `chat:${this.#ref.id}` };
  }

  #seen(client: string) {
    return { t: recordingTime(), client, person: client, ...this.#room };
  }

  readonly #audience: Audience = {
    opened: (client, after) => this.#lines.push({ ...this.#seen(client), op: "opened", after }),
    shown: (client, events) => {
      for (const { seq, by, at, event } of events) {
        if (event.type === "chat.created" || !("id" in event) || typeof event.id !== "string") continue;
        const shown = { ...event, id: event.id, seq, at, from: by };
        this.#lines.push({ ...this.#seen(client), op: "event", event: shown });
      }
    },
  };
}

function engineAt(index: number): Engine {
  const engine = engines[index % engines.length];
  if (!engine) throw new Error("no engine");
  return engine;
}

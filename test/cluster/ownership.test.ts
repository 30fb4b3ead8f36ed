import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConversationState } from "../../core/domain/conversation/state.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { type Activated, activate, load, takeOver } from "../../rooms/actor/activation.ts";
import type { RoomActor, RoomListener } from "../../rooms/actor/room-actor.ts";
import { cutConnections } from "../durability/cut.ts";
import { Engine, type Ports } from "../durability/engine.ts";
import { assertDurable, type Postgres, query, startPostgres } from "../support/postgres.ts";

const mishaps = [
  "none",
  "connections are cut",
  "the taker cannot claim",
  "the claim's answer is lost",
  "the tail cannot be read",
  "the owner stops at its standstill",
  "the taker stops when it has claimed",
  "both claim at the same time",
] as const;
type Mishap = (typeof mishaps)[number];

const move = fc.record({ to: fc.nat(2), mishap: fc.constantFrom(...mishaps) });
const stories = fc.array(move, { minLength: 4, maxLength: 8 });
const patience = 120_000;
const people = ["ann", "ben", "cid"].map(
  (id): Principal => ({ org: "org", id, name: id, roles: ["clinician"], session: id }),
);
const passing = ["room_closed", "unavailable", "busy"];

let postgres: Postgres;
let url: string;
let engines: Engine[];

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase("ownership");
  await assertDurable(url);
  engines = await Promise.all(["a", "b", "c"].map((name) => Engine.open(name, url)));
}, patience);

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await postgres.dispose();
});

test(
  "however a room is handed over while people talk in it, it has one owner, and what was answered stays",
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(stories, async (moves) => {
        const story = await Story.begin();
        await story.play(moves);
        for (const what of story.seen) seen.add(what);
        await story.expectSound();
      }),
      { numRuns: 15, examples: [[mishaps.map((mishap, at) => ({ to: at % 3, mishap }))]] },
    );
    for (const mishap of mishaps) expect([...seen]).toContain(mishap);
    expect([...seen]).toContain("moved");
    expect([...seen]).toContain("claimed back");
  },
  patience,
);

type Actor = RoomActor<ConversationState>;

/** One room, people who repeat what they say until it is answered, and processes that hand the room on. */
class Story {
  readonly seen = new Set<string>();
  readonly #ref: RoomRef;
  readonly #actors: Actor[] = [];
  readonly #answered: { readonly id: string; readonly seq: number }[] = [];
  #holder: Actor | null = null;
  #waking: Promise<Actor> | null = null;
  #moving: Promise<void> = Promise.resolve();
  #going = true;

  constructor(id: string) {
    this.#ref = { kind: "chat", id };
  }

  static async begin(): Promise<Story> {
    const story = new Story(`own-${randomUUID().slice(0, 8)}`);
    await engineAt(0).found(story.#ref, "org");
    const members = people.map(({ id }) => ({ person: id, role: "admin" }));
    await (await story.#owner()).request(personAt(0), "chat.create", {
      id: randomUUID(),
      title: "Owned",
      members,
    });
    return story;
  }

  async play(moves: readonly { readonly to: number; readonly mishap: Mishap }[]): Promise<void> {
    const talking = people.map(async (by) => {
      while (this.#going) await this.#say(by);
    });
    for (const { to, mishap } of moves) {
      await this.#say(personAt(0));
      this.#moving = this.#handOver(engineAt(to), mishap);
      await this.#moving;
    }
    this.#going = false;
    await Promise.all(talking);
  }

  async expectSound(): Promise<void> {
    await this.#say(personAt(0));
    const attempts = this.#actors.map(async (actor) => {
      await actor.request(personAt(1), "chat.send", { id: randomUUID(), body: "I have it" });
      return actor;
    });
    const living = (await Promise.allSettled(attempts)).filter(({ status }) => status === "fulfilled");
    expect(living).toHaveLength(1);
    expect(living).toMatchObject([{ value: this.#holder }]);

    const where = "where kind = 'chat' and id = $1 order by";
    const journal = await query(url, `select seq, epoch from journal ${where} seq`, [this.#ref.id]);
    expect(journal.map(({ seq }) => Number(seq))).toEqual(journal.map((_, i) => i + 1));
    const epochs = journal.map(({ epoch }) => Number(epoch));
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
    const commands = await query(url, `select command_id, last_seq from command ${where} last_seq`, [
      this.#ref.id,
    ]);
    const stored = new Map(commands.map((row) => [row.command_id, Number(row.last_seq)]));
    for (const { id, seq } of this.#answered) expect(stored.get(id)).toBe(seq);
  }

  /** The same request again and again, to whoever has the room, until it is answered. */
  async #say(by: Principal): Promise<void> {
    const id = randomUUID();
    for (;;) {
      try {
        const reply = await (await this.#owner()).request(by, "chat.send", { id, body: "hello" });
        this.#answered.push({ id, seq: "seq" in reply ? Number(reply.seq) : 0 });
        return;
      } catch (error) {
        if (!(error instanceof DomainError && passing.includes(error.code))) throw error;
        await this.#moving;
      }
    }
  }

  async #owner(): Promise<Actor> {
    if (this.#holder) return this.#holder;
    this.#waking ??= this.#wake().finally(() => {
      this.#waking = null;
    });
    return this.#waking;
  }

  async #wake(): Promise<Actor> {
    const { kind, ports } = engineAt(Math.floor(Math.random() * 3));
    for (;;) {
      try {
        const woken: Activated<ConversationState> = await activate(
          kind,
          this.#ref,
          ports,
          this.#listener(() => woken.actor),
        );
        return this.#hold(woken.actor);
      } catch (error) {
        if (error instanceof DomainError && error.code === "room_not_found") throw error;
      }
    }
  }

  #hold(actor: Actor): Actor {
    this.#actors.push(actor);
    this.#holder = actor;
    return actor;
  }

  #listener(actor: () => Actor): RoomListener<ConversationState> {
    return {
      committed: () => {},
      closed: () => {
        if (this.#holder === actor()) this.#holder = null;
      },
    };
  }

  async #handOver({ kind, ports }: Engine, mishap: Mishap): Promise<void> {
    const source = await this.#owner();
    const theirs = spoilt(ports, mishap);
    const loaded = await load(kind, this.#ref, ports).catch(() => null);
    const cut = mishap === "connections are cut" ? cutConnections(url) : Promise.resolve();
    const stand = await source.freeze(2_000);
    await cut;
    if (!loaded || !stand) return;
    this.seen.add(mishap);
    if (mishap === "the owner stops at its standstill") {
      // It will want to go on much later, when others have the room.
      this.#holder = null;
      await this.#owner();
      expect(await untilTold(() => source.thaw())).toBe(false);
      return;
    }
    const listener = this.#listener(() => taken?.actor ?? source);
    const taking = takeOver(kind, loaded, stand.epoch, theirs, listener).catch(() => null);
    const early = mishap === "both claim at the same time" ? untilTold(() => source.thaw()) : null;
    const taken = await taking;
    if (taken && mishap === "the taker stops when it has claimed") {
      this.#actors.push(taken.actor);
      expect(await untilTold(() => source.thaw())).toBe(false);
      this.#holder = null;
      return;
    }
    const kept = early ? await early : taken === null && (await untilTold(() => source.thaw()));
    expect(kept && taken !== null).toBe(false);
    this.seen.add(taken ? "moved" : kept ? "claimed back" : "nobody has it");
    if (kept) return;
    source.end("moved");
    this.#holder = null;
    if (taken) this.#hold(taken.actor);
  }
}

/** A process whose claim, or what follows it, goes wrong. */
function spoilt(ports: Ports, mishap: Mishap): Ports {
  const { owners, journal } = ports;
  const broken = () => Promise.reject(new Error("the connection broke"));
  if (mishap === "the tail cannot be read") return { ...ports, journal: { ...journal, read: broken } };
  if (mishap === "the taker cannot claim") return { ...ports, owners: { ...owners, claim: broken } };
  if (mishap !== "the claim's answer is lost") return ports;
  return { ...ports, owners: { ...owners, claim: (...asked) => owners.claim(...asked).then(broken) } };
}

/** Asks until the database answers. */
async function untilTold(ask: () => Promise<boolean>): Promise<boolean> {
  for (;;) {
    const told = await ask().catch(() => null);
    if (told !== null) return told;
  }
}

function engineAt(at: number): Engine {
  return engines[at] ?? expect.fail("there is no such process");
}

function personAt(at: number): Principal {
  return people[at] ?? expect.fail("there is no such person");
}

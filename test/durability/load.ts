import type { LiveSession } from "../../client/sdk/session.ts";
import type { Chat } from "../../client/sdk/types.ts";
import { rejection } from "../../core/domain/errors.ts";
import { between } from "./random.ts";
import { type Recorder, recordingTime } from "./recorder.ts";

export interface LoadOptions {
  readonly sessions: readonly LiveSession[];
  /** Requests a second of all members together, on a schedule that waits for nobody. */
  readonly rate: number;
  readonly random: () => number;
  readonly recorder: Recorder;
}

/** One person's seat in one room. */
export interface Seat {
  readonly client: string;
  readonly person: string;
  readonly room: string;
  readonly chat: Chat;
}

interface Member extends Seat {
  /** Seqs of my messages, to be edited and deleted. */
  readonly mine: number[];
}

/** How often the schedule is looked at (ms). */
const tick = 5;
/** A share of requests is something else than a message. */
const amending = 0.15;

/** People who talk in many rooms at once, whatever happens to the server. */
export class Load {
  readonly #options: LoadOptions;
  readonly #members: readonly Member[];
  readonly #pending = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;

  private constructor(options: LoadOptions, members: readonly Member[]) {
    this.#options = options;
    this.#members = members;
    for (const member of members) this.#watch(member);
  }

  /** Makes the rooms, with everyone in each of them, and resolves when everyone is there. */
  static async prepare({ rooms, ...options }: LoadOptions & { readonly rooms: number }): Promise<Load> {
    const { sessions } = options;
    const [admin, ...others] = sessions;
    if (!admin) throw new Error("nobody has signed in");
    const members = others.map(({ me }) => ({ person: me.id, role: "member" as const }));
    const joined: Seat[] = [];
    for (let n = 0; n < rooms; n += 1) {
      const { id } = await admin.createChat({ title: `Load ${n}`, members });
      for (const session of sessions) joined.push(join(session, id));
    }
    return Load.begin(options, joined);
  }

  /** Resolves when everyone is there. Nobody may have said anything yet. */
  static async begin(options: LoadOptions, seats: readonly Seat[]): Promise<Load> {
    await Promise.all(seats.map(({ chat }) => until(chat, () => chat.snapshot.status === "live")));
    return new Load(
      options,
      seats.map((seat) => ({ ...seat, mine: [] })),
    );
  }

  get chats(): readonly string[] {
    return [...new Set(this.#members.map(({ chat }) => chat.id))];
  }

  start(): void {
    const { rate } = this.#options;
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const planned = ((performance.now() - begun) / 1000) * rate;
      for (; this.#asked < planned; this.#asked += 1) this.#act();
    }, tick);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whoever has not come to rest, in a few words; empty when everyone has. */
  get unsettled(): readonly string[] {
    return this.#members.flatMap((member) => {
      const { status, lastSeq, outbox } = member.chat.snapshot;
      return this.#isSettled(member)
        ? []
        : [`${member.client}: ${status}, at ${lastSeq}, ${outbox.length} unsent`];
    });
  }

  /** Everyone goes, and asks for nothing more. */
  end(): void {
    for (const session of this.#options.sessions) session.end(rejection("session_ended"));
  }

  /** Resolves when every request has its answer, everyone is live, and everyone was shown everything. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    await Promise.all(this.#members.map((member) => until(member.chat, () => this.#isSettled(member))));
    for (const { chat: _, mine: __, ...viewer } of this.#members)
      this.#options.recorder.record({ t: recordingTime(), ...viewer, op: "settled" });
  }

  #isSettled({ chat, room }: Member): boolean {
    const { status, lastSeq, outbox } = chat.snapshot;
    return status === "live" && outbox.length === 0 && lastSeq >= this.#options.recorder.endOf(room);
  }

  #watch(member: Member): void {
    const { chat, mine, room, ...viewer } = member;
    const { recorder, random } = this.#options;
    recorder.record({ t: recordingTime(), ...viewer, room, op: "opened", after: 0 });
    chat.on("event", (event) => {
      recorder.record({ t: recordingTime(), ...viewer, room, op: "event", event: { ...event } });
      if (event.type === "chat.message" && event.from === member.person) mine.push(event.seq);
      if (random() < 0.2) chat.markRead(event.seq);
    });
  }

  #act(): void {
    const { random } = this.#options;
    const member = this.#members[between(random, 0, this.#members.length - 1)];
    if (!member) return;
    const asked = random() < amending ? this.#amend(member) : this.#say(member);
    // A refusal is an answer too: a message may have been deleted meanwhile. The recording has it.
    const answered = asked.catch(() => undefined).finally(() => this.#pending.delete(answered));
    this.#pending.add(answered);
  }

  #say({ chat, client }: Member): Promise<unknown> {
    const { random } = this.#options;
    return chat.send(`${client} ${this.#asked} ${"あ".repeat(between(random, 0, 60))}`);
  }

  #amend({ chat, mine, client }: Member): Promise<unknown> {
    const { random } = this.#options;
    const of = mine[between(random, 0, mine.length - 1)];
    if (of === undefined) return this.#react(chat);
    const dice = random();
    if (dice < 0.4) return chat.edit(of, `${client} ${this.#asked}, better`);
    return dice < 0.5 ? chat.delete(of) : this.#react(chat);
  }

  #react(chat: Chat): Promise<unknown> {
    const latest = chat.snapshot.messages.findLast(({ body }) => body !== null);
    return latest ? chat.react(latest.seq, "👍", this.#options.random() < 0.7) : Promise.resolve();
  }
}

function join(session: LiveSession, id: string): Seat {
  const { me } = session;
  const viewer = { client: `${me.username}@${id.slice(0, 4)}`, person: me.id, room: `chat:${id}` };
  return { ...viewer, chat: session.joinChat(id) };
}

/** Resolves when the chat is as wanted. */
function until(chat: Chat, wanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (wanted()) return resolve();
    const stop = chat.on("change", () => {
      if (!wanted()) return;
      stop();
      resolve();
    });
  });
}

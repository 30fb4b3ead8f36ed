import type { BackendName } from "../../../core/domain/call/state.ts";
import type { Rejection } from "../../../core/domain/errors.ts";
import type { MediaKind } from "../../../core/domain/visit/state.ts";
import type { BackendJoin } from "../../../core/protocol/call.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import { toHugMeDoError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { changed, keep } from "../lib/keep.ts";
import type { Visit, VisitSnapshot } from "../visit/types.ts";
import { type CallLink, type Caption, type LinkHost, slots } from "./call-link.ts";
import { CallPeople } from "./call-people.ts";
import { emptyCall, reasonOf, statusOf } from "./call-status.ts";
import { heard } from "./captions.ts";
import type { DeviceKind, Devices } from "./devices.ts";
import { MyPart } from "./my-part.ts";
import { qualityOf, worst } from "./quality.ts";
import type { Call, CallEvents, CallOptions, CallSnapshot } from "./types.ts";

export interface CallParts {
  readonly visit: Pick<Visit, "snapshot" | "on" | "call" | "media">;
  readonly options: CallOptions;
  readonly devices: Devices;
  /** Backends that this device can use, and how a session of one is taken part in. */
  readonly backends: readonly BackendName[];
  readonly openLink: (join: BackendJoin, host: LinkHost) => CallLink;
  readonly clock: Clock;
}

interface Session {
  readonly n: number;
  readonly backend: BackendName;
  readonly link: CallLink;
  /** The room has shown me in it. */
  seen: boolean;
}

/** Milliseconds. */
const measureEvery = 2_000;
const tryAgain = 5_000;

/** One's call in a visit: it joins, follows the room from session to session, and puts together what is shown. */
export class LiveCall implements Call {
  private readonly parts: CallParts;
  private readonly emitter = new Emitter<CallEvents>();
  private readonly mine: MyPart;
  private readonly people: CallPeople;
  private readonly unsubscribe: readonly (() => void)[];
  private picture: CallSnapshot;
  private session: Session | null = null;
  private joining = false;
  private everIn = false;
  private over: { readonly reason: Rejection | null; readonly elsewhere: boolean } | null = null;
  private refused: Rejection | null = null;
  /** The session that was not there any more. */
  private gone = 0;
  private reported: MediaKind | null = null;
  private captions: readonly Caption[] = [];
  private stopTimer: () => void = () => undefined;

  constructor(parts: CallParts) {
    const { visit, options, devices } = parts;
    this.parts = parts;
    this.people = new CallPeople(() => this.show());
    this.picture = emptyCall;
    this.mine = new MyPart(devices, options, () => this.mineChanged());
    this.unsubscribe = [
      visit.on("change", (snapshot) => this.follow(snapshot)),
      visit.on("status", (status) => {
        if (status === "live") this.session?.link.resumed();
      }),
      visit.call.on("signal", ({ session, from, data }) => {
        if (session === this.session?.n) this.session.link.receive(from, data);
      }),
      visit.call.on("muteAsked", ({ participant }) => this.takeMute(participant)),
    ];
    this.follow(visit.snapshot);
    this.tick();
  }

  get snapshot(): CallSnapshot {
    return this.picture;
  }

  on<K extends keyof CallEvents>(name: K, listener: (value: CallEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  setMicrophone(on: boolean): Promise<void> {
    return this.mine.setMicrophone(on);
  }

  setCamera(on: boolean): Promise<void> {
    return this.mine.setCamera(on);
  }

  choose(kind: DeviceKind, device: string | null): Promise<void> {
    return this.mine.choose(kind, device);
  }

  shareScreen(on: boolean): Promise<void> {
    return this.mine.share(on);
  }

  mute(person: string): Promise<CommandReply> {
    return this.parts.visit.call.mute(person);
  }

  async leave(): Promise<void> {
    if (this.over) return;
    const told = this.parts.visit.call.leave();
    this.end(null);
    await told.catch(() => undefined);
  }

  private end(reason: Rejection | null, elsewhere = false): void {
    if (this.over) return;
    this.over = { reason, elsewhere };
    for (const stop of this.unsubscribe) stop();
    this.stopTimer();
    this.closeLink();
    this.mine.stop();
    this.show();
  }

  /** What the visit now says of the call, and of me in it. */
  private follow({ status, reason, phase, call, me }: VisitSnapshot): void {
    if (status === "closed" || phase === "ended") this.end(reason);
    if (this.over) return;
    const { session } = this;
    if (session && status === "live") {
      const inside = call.people.some(({ person }) => person === me);
      if (inside && call.n === session.n) session.seen = true;
      if (call.n > session.n || (session.seen && !inside)) this.closeLink();
    }
    if (this.refused?.code === "call_gone" && call.n > this.gone) this.refused = null;
    if (!this.session && !this.refused) void this.join();
    this.tellLink();
    this.show();
  }

  private async join(): Promise<void> {
    if (this.joining || this.over) return;
    this.joining = true;
    try {
      const { visit, backends, openLink } = this.parts;
      const { session, join } = await visit.call.join({ backends, ...this.mine.has });
      if (this.over) return;
      this.everIn = true;
      const link = openLink(join, this.hostOf(session.n));
      this.session = { ...session, link, seen: false };
      this.sendAll();
      this.report();
    } catch (error) {
      this.refused = toHugMeDoError(error).toRejection();
      if (this.refused.code === "visit_ended") this.end(this.refused);
      if (this.refused.code === "call_gone") this.tellGone();
    } finally {
      this.joining = false;
      this.follow(this.parts.visit.snapshot);
    }
  }

  /** The backend has lost the session: the room opens the next one, and that is joined. */
  private tellGone(): void {
    const { snapshot, call } = this.parts.visit;
    this.gone = snapshot.call.n;
    if (this.gone > 0) call.failed(this.gone, "session_gone").catch(() => undefined);
  }

  private hostOf(n: number): LinkHost {
    const { visit } = this.parts;
    return {
      signal: async (data, to) => {
        await visit.call.signal(n, data, to);
      },
      reachable: (person) => {
        const { status, participants } = visit.snapshot;
        return status === "live" && participants.some((one) => one.person === person && one.online);
      },
      track: (person, slot, track) => this.people.track(person, slot, track),
      sending: (person, what) => this.people.sending(person, what),
      state: (person, state) => this.people.state(person, state),
      speaking: (people) => this.people.speaking(people),
      caption: (caption) => {
        this.captions = heard(this.captions, caption);
        this.show();
      },
      failed: () => {
        // What comes of it is shown by the room's state.
        if (n === this.session?.n) visit.call.failed(n, "ice_failed").catch(() => undefined);
      },
      elsewhere: () => {
        if (n === this.session?.n) this.end(null, true);
      },
    };
  }

  private closeLink(): void {
    this.session?.link.close();
    this.session = null;
    this.people.lost();
  }

  private tellLink(): void {
    const { link } = this.session ?? {};
    if (!link) return;
    const { call, me, held, you, participants } = this.parts.visit.snapshot;
    const others = call.people.map(({ person }) => person).filter((person) => person !== me);
    const doctors = participants.filter(({ role }) => role === "clinician").map(({ person }) => person);
    const leads = you?.role === "clinician";
    link.people(others);
    // On hold, clinicians talk among themselves, and nobody else is heard.
    link.withhold(held ? others.filter((person) => !leads || !doctors.includes(person)) : []);
  }

  private takeMute(person: string): void {
    if (person !== this.parts.visit.snapshot.me || this.over) return;
    this.mine.hush();
  }

  private mineChanged(): void {
    if (this.over) return;
    this.sendAll();
    this.report();
    this.show();
  }

  private sendAll(): void {
    const { sent } = this.mine;
    for (const slot of slots) this.session?.link.send(slot, sent[slot]);
  }

  /** What the others receive of me, for the visit's record. */
  private report(): void {
    const { media } = this.mine;
    if (!this.session || media === null || media === this.reported) return;
    this.reported = media;
    this.parts.visit.media(media).catch(() => undefined);
  }

  private tick(): void {
    const { clock } = this.parts;
    const ms = this.refused ? tryAgain : measureEvery;
    this.stopTimer = clock.after(ms, () => void this.look().finally(() => this.over || this.tick()), true);
  }

  /** Tries again where nothing served, and measures where something does. */
  private async look(): Promise<void> {
    if (this.refused) {
      this.refused = null;
      this.follow(this.parts.visit.snapshot);
    }
    const { session } = this;
    const samples = await session?.link.measure().catch(() => null);
    if (!samples || session !== this.session) return;
    const qualities = new Map([...samples].map(([person, sample]) => [person, qualityOf(sample)] as const));
    this.people.qualities(qualities);
    const quality = worst([...qualities.values()]);
    if (quality !== null) this.mine.measured(quality);
  }

  private show(): void {
    const { visit } = this.parts;
    const { call, me } = visit.snapshot;
    const { over, refused, everIn, session } = this;
    const present = call.people.map(({ person }) => person).filter((person) => person !== me);
    const people = this.people.view(present, this.picture.people);
    const facts = { visit: visit.snapshot, over, refused, inside: session !== null, everIn, people };
    const picture = changed(this.picture, {
      status: statusOf(facts),
      reason: keep(this.picture.reason, reasonOf(facts)),
      elsewhere: over?.elsewhere ?? false,
      backend: session?.backend ?? null,
      me: changed(this.picture.me, this.mine.view),
      people,
      captions: this.captions,
    });
    if (picture === this.picture) return;
    this.picture = picture;
    this.emitter.emit("change", picture);
  }
}

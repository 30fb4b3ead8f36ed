import type { BackendName } from "../../../core/domain/call/state.ts";
import { type Rejection, rejection } from "../../../core/domain/errors.ts";
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
import type { DeviceKind, Devices } from "./devices.ts";
import { OwnMedia } from "./own-media.ts";
import { noSaving, qualityOf, save, worst } from "./quality.ts";
import type { Call, CallEvents, CallOptions, CallSnapshot, CallStatus, OwnMediaView } from "./types.ts";

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

/** How many lines of what was said are kept to be shown. */
const captionLines = 3;

/** One's call in a visit: it joins, follows the room from session to session, and puts together what is shown. */
export class LiveCall implements Call {
  private readonly parts: CallParts;
  private readonly emitter = new Emitter<CallEvents>();
  private readonly own: OwnMedia;
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
  private mutedByClinician = false;
  private saving = noSaving;
  private reported: MediaKind | null = null;
  private captions: readonly Caption[] = [];
  private stopTimer: () => void = () => undefined;

  constructor(parts: CallParts) {
    const { visit, options, devices } = parts;
    this.parts = parts;
    this.people = new CallPeople(() => this.show());
    this.picture = emptyCall;
    this.own = new OwnMedia(devices, options, () => this.ownChanged());
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
    if (options.microphone ?? true) void this.own.set("microphone", true);
    if (options.camera ?? true) void this.own.set("camera", true);
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
    if (on) this.mutedByClinician = false;
    return this.own.set("microphone", on);
  }

  setCamera(on: boolean): Promise<void> {
    this.saving = noSaving;
    return this.own.set("camera", on);
  }

  choose(kind: DeviceKind, device: string | null): Promise<void> {
    return this.own.choose(kind, device);
  }

  shareScreen(on: boolean): Promise<void> {
    return this.own.share(on);
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
    this.own.stop();
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
      const { microphone, camera } = this.own;
      const has = { audio: microphone.fault === null, video: camera.fault === null };
      const { session, join } = await visit.call.join({ backends, ...has });
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
      ask: async (data) => replyTo(await visit.call.signal(n, data)),
      current: () => {
        const { status, call } = visit.snapshot;
        return status === "live" && call.n === n && call.state === "open";
      },
      reachable: (person) => {
        const { status, participants } = visit.snapshot;
        return status === "live" && participants.some((one) => one.person === person && one.online);
      },
      track: (person, slot, track) => this.people.track(person, slot, track),
      sending: (person, what) => this.people.sending(person, what),
      state: (person, state) => this.people.state(person, state),
      speaking: (people) => this.people.speaking(people),
      caption: (caption) => this.hear(caption),
      failed: () => {
        // What comes of it is shown by the room's state.
        if (n === this.session?.n) visit.call.failed(n, "ice_failed").catch(() => undefined);
      },
      elsewhere: () => {
        if (n === this.session?.n) this.end(null, true);
      },
      again: () => {
        if (n !== this.session?.n) return;
        this.closeLink();
        this.follow(visit.snapshot);
      },
    };
  }

  /** A line that grows stays where it is. */
  private hear(caption: Caption): void {
    const others = this.captions.filter(({ id }) => id !== caption.id);
    const grows = others.length < this.captions.length;
    this.captions = grows
      ? this.captions.map((one) => (one.id === caption.id ? caption : one))
      : [...others, caption].slice(-captionLines);
    this.show();
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
    this.mutedByClinician = true;
    void this.own.set("microphone", false);
    this.show();
  }

  private ownChanged(): void {
    if (this.over) return;
    this.sendAll();
    this.report();
    this.show();
  }

  private sendAll(): void {
    const { sent } = this.own;
    for (const slot of slots) {
      this.session?.link.send(slot, slot === "video" && this.saving.on ? null : sent[slot]);
    }
  }

  /** What the others receive of me, for the visit's record. */
  private report(): void {
    const { camera, microphone } = this.own;
    if (!this.session || camera.opening || microphone.opening) return;
    const picture = camera.on && camera.track !== null && !this.saving.on;
    const media = picture ? "video" : microphone.track ? "audio" : "none";
    if (media === this.reported) return;
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
    // Where my picture goes out once for all, somebody else's poor link is no reason to leave it out.
    const own = session?.link.uplink?.() ?? null;
    const quality = own ? qualityOf(own) : worst([...qualities.values()]);
    if (quality === null || !this.own.camera.on) return;
    const before = this.saving;
    this.saving = save(before, quality);
    if (this.saving.on !== before.on) this.ownChanged();
  }

  private show(): void {
    const { call, me } = this.parts.visit.snapshot;
    const present = call.people.map(({ person }) => person).filter((person) => person !== me);
    const people = this.people.view(present, this.picture.people);
    const picture = changed(this.picture, {
      status: this.status(people.length > 0 && people.every(({ state }) => state === "reconnecting")),
      reason: keep(this.picture.reason, this.reason()),
      elsewhere: this.over?.elsewhere ?? false,
      backend: this.session?.backend ?? null,
      me: changed(this.picture.me, this.ownView()),
      people,
      captions: this.captions,
    });
    if (picture === this.picture) return;
    this.picture = picture;
    this.emitter.emit("change", picture);
  }

  private status(allLost: boolean): CallStatus {
    const { status, call } = this.parts.visit.snapshot;
    if (this.over) return "ended";
    if (this.reason()) return "failed";
    if (!this.session) return this.everIn ? "reconnecting" : "joining";
    const cutOff = status !== "live" && call.people.length < 2;
    return allLost || cutOff ? "reconnecting" : "connected";
  }

  private reason(): Rejection | null {
    if (this.over) return this.over.reason;
    const nothing = !this.session && this.parts.visit.snapshot.call.state === "unavailable";
    return this.refused ?? (nothing ? rejection("unavailable") : null);
  }

  private ownView(): OwnMediaView {
    const { microphone, camera, screen } = this.own;
    const savingVideo = this.saving.on && camera.on;
    return { microphone, camera, screen, mutedByClinician: this.mutedByClinician, savingVideo };
  }
}

/** What a backend said to a signal. */
function replyTo(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "data" in reply ? reply.data : null;
}

const noDevice = { on: false, opening: false, track: null, device: null, fault: null };
const emptyCall: CallSnapshot = {
  status: "idle",
  reason: null,
  elsewhere: false,
  backend: null,
  me: { microphone: noDevice, camera: noDevice, screen: null, mutedByClinician: false, savingVideo: false },
  people: [],
  captions: [],
};

import type { Rejection } from "../../../core/domain/errors.ts";
import type { MediaKind } from "../../../core/domain/visit/state.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import { toHugMeDoError } from "../errors.ts";
import type { VisitSnapshot } from "../visit/types.ts";
import { type LinkHost, slots } from "./call-link.ts";
import type { CallParts, Session } from "./call-parts.ts";
import { CallPicture, type CallStand } from "./call-picture.ts";
import { othersIn, withheldFrom } from "./call-status.ts";
import type { DeviceKind } from "./devices.ts";
import { lookAt } from "./link-quality.ts";
import { MyPart } from "./my-part.ts";
import type { Call, CallEvents, CallSnapshot } from "./types.ts";
import { answerIn } from "./visit-call.ts";

/** Milliseconds. */
const measureEvery = 2_000;
const tryAgain = 5_000;
/** What the next session may not refuse. */
const passing: readonly string[] = ["call_gone", "media_unavailable"];

/** One's call in a visit: it joins, follows the room from session to session, and puts together what is shown. */
export class LiveCall implements Call {
  private readonly parts: CallParts;
  private readonly picture = new CallPicture(() => this.stand());
  private readonly mine: MyPart;
  private readonly unsubscribe: readonly (() => void)[];
  private session: Session | null = null;
  private joining = false;
  private everIn = false;
  private over: { readonly reason: Rejection | null; readonly elsewhere: boolean } | null = null;
  private refused: Rejection | null = null;
  /** The session that ran then. */
  private refusedAt = 0;
  private reported: MediaKind | null = null;
  private stopTimer: () => void = () => undefined;

  constructor(parts: CallParts) {
    const { visit, options, devices } = parts;
    this.parts = parts;
    this.mine = new MyPart(devices, options, () => this.mineChanged());
    this.unsubscribe = [
      visit.on("change", (snapshot) => this.follow(snapshot)),
      visit.on("status", (status) => {
        if (status === "live") this.session?.link.resumed();
      }),
      visit.call.on("signal", ({ session, from, data }) => {
        if (session === this.session?.n) this.session.link.receive(from, data);
      }),
      visit.call.on("muteAsked", ({ participant }) => {
        if (participant === visit.snapshot.me) this.mine.hush();
      }),
    ];
    this.follow(visit.snapshot);
    this.tick();
  }

  get snapshot(): CallSnapshot {
    return this.picture.snapshot;
  }

  on<K extends keyof CallEvents>(name: K, listener: (value: CallEvents[K]) => void): () => void {
    return this.picture.on(name, listener);
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

  setBlur(on: boolean): Promise<void> {
    return this.mine.setBlur(on);
  }

  setVoiceOnly(on: boolean): Promise<void> {
    return this.mine.setVoiceOnly(on);
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
    this.picture.show();
  }

  /** What the visit now says of the call, and of me in it. */
  private follow({ status, reason, phase, call, me }: VisitSnapshot): void {
    if (status === "closed" || phase === "ended") this.end(reason);
    if (this.over) return;
    const { session } = this;
    if (session && status === "live") {
      const inside = call.people.some(({ person }) => person === me);
      if (inside && call.n === session.n) session.seen = true;
      const over = session.seen && (!inside || call.state === "unavailable");
      if (call.n > session.n || over) this.closeLink();
    }
    if (this.refused && passing.includes(this.refused.code) && call.n > this.refusedAt) this.refused = null;
    if (!this.session && !this.refused) void this.join();
    this.tellLink();
    this.picture.show();
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
      this.refusedAt = this.parts.visit.snapshot.call.n;
      if (this.refused.code === "visit_ended") this.end(this.refused);
      if (this.refused.code === "call_gone") this.tellGone();
    } finally {
      this.joining = false;
      this.follow(this.parts.visit.snapshot);
    }
  }

  /** The backend has lost the session: the room opens the next one, and that is joined. */
  private tellGone(): void {
    const n = this.refusedAt;
    if (n > 0) this.parts.visit.call.failed(n, "session_gone").catch(() => undefined);
  }

  private hostOf(n: number): LinkHost {
    const { visit } = this.parts;
    const { people } = this.picture;
    return {
      signal: async (data, to) => {
        await visit.call.signal(n, data, to);
      },
      ask: async (data) => answerIn(await visit.call.signal(n, data)),
      current: () => {
        const { status, call } = visit.snapshot;
        return status === "live" && call.n === n && call.state === "open";
      },
      reachable: (person) => {
        const { status, participants } = visit.snapshot;
        return status === "live" && participants.some((one) => one.person === person && one.online);
      },
      track: (person, slot, track) => people.track(person, slot, track),
      sending: (person, what) => people.sending(person, what),
      state: (person, state) => people.state(person, state),
      speaking: (speaking) => people.speaking(speaking),
      caption: (caption) => this.picture.caption(caption),
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

  private closeLink(): void {
    this.session?.link.close();
    this.session = null;
    this.picture.people.lost();
  }

  private tellLink(): void {
    const { snapshot } = this.parts.visit;
    const others = othersIn(snapshot);
    this.session?.link.people(others);
    this.session?.link.withhold(withheldFrom(others, snapshot));
  }

  private mineChanged(): void {
    if (this.over) return;
    this.sendAll();
    this.report();
    this.picture.show();
  }

  private sendAll(): void {
    const { sent, wantsPictures } = this.mine;
    const { link } = this.session ?? {};
    for (const slot of slots) link?.send(slot, sent[slot]);
    link?.wantPictures?.(wantsPictures);
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
    const look = session && (await lookAt(session.link));
    if (!look || session !== this.session) return;
    this.picture.people.qualities(look.people);
    if (look.mine) this.mine.measured(look.mine);
  }

  private stand(): CallStand {
    const { over, refused, everIn, session } = this;
    return {
      ...{ visit: this.parts.visit.snapshot, over, refused, everIn, inside: session !== null },
      ...{ elsewhere: over?.elsewhere ?? false, backend: session?.backend ?? null, me: this.mine.view },
    };
  }
}

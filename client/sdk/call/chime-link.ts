import type { TranscriptEvent } from "amazon-chime-sdk-js";
import type { ChimeJoin } from "../../../core/protocol/call.ts";
import type { Clock } from "../lib/clock.ts";
import { Lane } from "../lib/lane.ts";
import type { CallLink, LinkHost, Slot } from "./call-link.ts";
import { linesOf } from "./chime-captions.ts";
import type { ChimeAudioVideo, ChimeMeeting, ChimeStop } from "./chime-meeting.ts";
import { chimeName } from "./chime-names.ts";
import { ChimeRoster } from "./chime-roster.ts";
import { ChimeSender } from "./chime-sender.ts";
import { ChimeVoices } from "./chime-voices.ts";
import { type Counters, countersOf, sampleOf } from "./peer-stats.ts";
import type { LinkSample } from "./quality.ts";

export interface ChimeLinkParts {
  readonly host: LinkHost;
  readonly join: ChimeJoin;
  /** Loads the library where that is not there yet, and opens the meeting. */
  readonly open: () => Promise<ChimeMeeting>;
  readonly clock: Clock;
}

/** A meeting has to come about within so long (ms); */
const patience = 25_000;
/** and when one is over that should not be, the next try waits for so long. */
const tryAgain = 4_000;
/** Of somebody whose signal is weak, so much counts as lost. */
const weakLoss = 0.05;

/** A call over Amazon Chime: everyone is in one meeting, and Amazon's library does the talking. */
export class ChimeLink implements CallLink {
  private readonly parts: ChimeLinkParts;
  private readonly roster: ChimeRoster;
  private readonly voices: ChimeVoices;
  private readonly sender = new ChimeSender();
  private readonly lane = new Lane();
  private present: readonly string[] = [];
  private meeting: ChimeMeeting | null = null;
  private counted: Counters | null = null;
  private removed = false;
  private closed = false;
  private stopTimer: () => void = () => undefined;

  constructor(parts: ChimeLinkParts) {
    const { host, join } = parts;
    this.parts = parts;
    this.roster = new ChimeRoster(host, (person) => chimeName(join.key, person));
    this.voices = new ChimeVoices(parts.clock, (names) => {
      host.speaking(names.flatMap((name) => this.roster.personOf(name) ?? []));
    });
    this.begin();
  }

  send(slot: Slot, track: MediaStreamTrack | null): void {
    this.sender.send(slot, track);
  }

  people(present: readonly string[]): void {
    this.present = present;
    this.roster.people(present);
  }

  /** A meeting cannot keep something from some alone: where it is kept from anybody, nobody has it. */
  withhold(from: readonly string[]): void {
    this.sender.withhold(from.length > 0);
  }

  receive(): void {}

  resumed(): void {
    if (!this.meeting && !this.closed) this.begin();
  }

  async measure(): Promise<ReadonlyMap<string, LinkSample>> {
    const { meeting } = this;
    if (!meeting) return new Map();
    await this.listen(meeting.audioVideo);
    const now = countersOf(await meeting.audioVideo.getRTCPeerConnectionStats());
    const mine = sampleOf(this.counted, now, true);
    this.counted = now;
    const samples = [...this.roster.signals()].map(([person, signal]) => {
      const loss = signal < 1 ? Math.max(mine.loss ?? 0, weakLoss) : mine.loss;
      return [person, { ...mine, loss, connected: signal > 0 }] as const;
    });
    return new Map(samples);
  }

  close(): void {
    this.closed = true;
    this.stopTimer();
    void this.part();
  }

  private begin(): void {
    this.stopTimer();
    this.stopTimer = this.parts.clock.after(patience, () => this.broke("failed"));
    void this.lane
      .run(async () => {
        if (this.closed || this.meeting) return;
        const meeting = await this.parts.open();
        if (this.closed) return meeting.destroy();
        this.meeting = meeting;
        this.watch(meeting);
        await this.sender.serve(meeting.audioVideo);
        meeting.audioVideo.start();
      })
      .catch(() => this.broke("failed"));
  }

  private watch(meeting: ChimeMeeting): void {
    const { audioVideo } = meeting;
    const current = () => this.meeting === meeting && !this.closed;
    const tiles = new Map<number, { readonly name: string; readonly slot: "video" | "screen" }>();
    audioVideo.addObserver({
      audioVideoDidStartConnecting: () => current() && this.roster.reached(false),
      audioVideoDidStart: () => current() && this.started(audioVideo),
      audioVideoDidStop: (status) => current() && this.broke(meeting.whyStopped(status.statusCode())),
      videoTileDidUpdate: ({ tileId, localTile, isContent, boundExternalUserId: name, boundVideoStream }) => {
        if (!current() || localTile || tileId === null || name === null) return;
        const slot = isContent ? "screen" : "video";
        tiles.set(tileId, { name, slot });
        this.roster.see(name, { [slot]: boundVideoStream?.getVideoTracks()[0] ?? null });
      },
      videoTileWasRemoved: (tileId) => {
        const tile = tiles.get(tileId);
        if (tile && current()) this.roster.see(tile.name, { [tile.slot]: null });
        tiles.delete(tileId);
      },
    });
    audioVideo.transcriptionController?.subscribeToTranscriptEvent((event) => {
      if (current()) this.caption(event);
    });
    const watched = new Set<string>();
    audioVideo.realtimeSubscribeToAttendeeIdPresence((attendee, present, name) => {
      // A screen that is shared is an attendee of its own, under the same name.
      if (!current() || name === undefined || attendee.includes("#")) return;
      this.roster.see(name, { present });
      if (!present) this.voices.hear(name, 0);
      if (watched.has(attendee)) return;
      watched.add(attendee);
      audioVideo.realtimeSubscribeToVolumeIndicator(attendee, (_, volume, muted, signal) => {
        if (!current()) return;
        if (volume !== null || muted === true) this.voices.hear(name, muted === true ? 0 : (volume ?? 0));
        const news = { ...(muted === null ? {} : { muted }), ...(signal === null ? {} : { signal }) };
        if (Object.keys(news).length > 0) this.roster.see(name, news);
      });
    });
  }

  private caption(event: TranscriptEvent): void {
    for (const { name, ...line } of linesOf(event)) {
      const person = this.roster.personOf(name);
      if (person !== undefined) this.parts.host.caption({ ...line, person });
    }
  }

  private started(audioVideo: ChimeAudioVideo): void {
    this.stopTimer();
    this.removed = false;
    this.roster.reached(true);
    void this.listen(audioVideo);
  }

  private async listen(audioVideo: ChimeAudioVideo): Promise<void> {
    const stream = await audioVideo.getCurrentMeetingAudioStream();
    if (this.meeting?.audioVideo === audioVideo) this.roster.hear(stream?.getAudioTracks()[0] ?? null);
  }

  private broke(why: ChimeStop): void {
    if (this.closed) return;
    const { host, clock } = this.parts;
    this.stopTimer();
    void this.part();
    if (why === "elsewhere") {
      host.elsewhere();
      return;
    }
    // Whoever was away for long has left by the room's word; it knows better than a meeting whether they are back.
    const first = why === "removed" && !this.removed;
    this.removed = why === "removed";
    if (!first && this.present.some((person) => host.reachable(person))) host.failed(null);
    this.stopTimer = clock.after(tryAgain, () => this.begin());
  }

  /** Ends the meeting for this page. */
  private part(): Promise<void> {
    const { meeting } = this;
    this.meeting = null;
    this.counted = null;
    this.voices.forget();
    this.roster.forget();
    if (!meeting) return Promise.resolve();
    return this.lane
      .run(async () => {
        await this.sender.stop();
        meeting.audioVideo.stop();
        await meeting.destroy();
      })
      .catch(() => undefined);
  }
}

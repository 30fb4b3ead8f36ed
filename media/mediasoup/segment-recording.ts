import type { Logger } from "../../core/platform/logger.ts";
import { recorderLeaseMs } from "../recorder.ts";
import type { TapSource } from "./session-tap.ts";
import { recordSource, type SourceTrack, type SourceTrackParts } from "./source-track.ts";

export interface SegmentParts extends Omit<SourceTrackParts, "source" | "name"> {
  readonly log: Logger;
}

/** What is taken in ends so much before the lease does (ms): it has ended by then. */
const marginMs = 250;
/** Someone who comes in later sees a whole picture no later than this (ms). */
const refreshMs = 4_000;
/** How long the beginning waits for those who are there already (ms). */
const beginMs = 3_000;
/** A source whose recorder has ended by itself so often is given up, and the segment with it. */
const tries = 3;

/** One segment: a track for each thing that is given in the session, whoever comes, until it is told to end or its lease runs out. */
export class SegmentRecording {
  readonly #parts: SegmentParts;
  readonly #tracks = new Set<SourceTrack>();
  readonly #work = new Set<Promise<unknown>>();
  readonly #unwatch: () => void;
  readonly #refresh: NodeJS.Timeout;
  #lease: NodeJS.Timeout | undefined;
  #named = 0;
  #running = true;
  #ended: Promise<void> | null = null;

  private constructor(parts: SegmentParts) {
    this.#parts = parts;
    this.#unwatch = parts.tap.watch(({ change, source }) => {
      if (change === "given") this.#begin(source);
      else for (const track of this.#of(source)) this.#keep(track.stop());
    });
    this.#refresh = setInterval(() => {
      for (const track of this.#tracks) void track.refresh().catch(() => {});
    }, refreshMs);
    this.renew();
  }

  /** Resolves when what is given is being recorded; what takes longer than that joins later. */
  static async begin(parts: SegmentParts): Promise<SegmentRecording> {
    const recording = new SegmentRecording(parts);
    const begun = Promise.all(parts.tap.sources().map((source) => recording.#begin(source)));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, beginMs);
    await Promise.race([begun, late]);
    clearTimeout(timer);
    recording.renew();
    return recording;
  }

  get running(): boolean {
    return this.#running;
  }

  renew(): void {
    if (!this.#running) return;
    clearTimeout(this.#lease);
    this.#lease = setTimeout(() => {
      this.#parts.log.warn({ segment: this.#parts.segment }, "a recorder was not renewed and has ended");
      void this.end();
    }, recorderLeaseMs - marginMs);
  }

  /** Takes in nothing more; resolves when everything is stored. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#running = false;
    this.#unwatch();
    clearInterval(this.#refresh);
    clearTimeout(this.#lease);
    for (const track of this.#tracks) this.#keep(track.stop());
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #begin(source: TapSource): Promise<void> {
    return this.#keep(this.#follow(source));
  }

  /** Records it, again where a recorder has ended by itself. */
  async #follow(source: TapSource, attempt = 1): Promise<void> {
    const track = await this.#start(source).catch(() => null);
    if (!this.#isGiven(source)) return track?.stop();
    if (!track) return this.#again(source, attempt);
    this.#tracks.add(track);
    this.#keep(
      track.ended.then((fault) => {
        this.#tracks.delete(track);
        if (fault && this.#isGiven(source)) return this.#again(source, attempt);
      }),
    );
  }

  async #again(source: TapSource, attempt: number): Promise<void> {
    const { log, segment } = this.#parts;
    log.warn({ segment, slot: source.slot, attempt }, "what is given cannot be recorded");
    if (attempt < tries) return this.#follow(source, attempt + 1);
    void this.end();
  }

  #start(source: TapSource): Promise<SourceTrack> {
    const name = `${String(this.#named).padStart(3, "0")}-${source.slot}`;
    this.#named += 1;
    return recordSource({ ...this.#parts, source, name });
  }

  #isGiven({ producer }: TapSource): boolean {
    return this.#running && this.#parts.tap.sources().some((one) => one.producer === producer);
  }

  #of({ producer }: TapSource): readonly SourceTrack[] {
    return [...this.#tracks].filter(({ source }) => source.producer === producer);
  }

  /** The segment has not ended before it is done. */
  #keep(work: Promise<unknown>): Promise<void> {
    const kept: Promise<void> = work.then(
      () => {},
      () => {},
    );
    this.#work.add(kept);
    void kept.then(() => this.#work.delete(kept));
    return kept;
  }
}

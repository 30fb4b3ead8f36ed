import type { RecordingStateMessage } from "../../../core/protocol/recording.ts";
import type { Clock } from "../lib/clock.ts";
import type { ReportStatus, VisitRecorder } from "../visit/visit-recorder.ts";
import { RecordedPieces } from "./recorded-pieces.ts";

/** Something that is being recorded. */
export interface Take {
  /** Takes in nothing more; what is left of it comes as a slice before `ended`. */
  stop(): void;
}

export interface TakeHost {
  slice(bytes: Blob): void;
  /** It is over, for whatever reason. */
  ended(): void;
}

/** Begins to record what is seen and heard in the call. Throws where this browser cannot. */
export type BeginTake = (host: TakeHost) => Take;

export interface CallRecorderParts {
  readonly me: string;
  readonly room: VisitRecorder;
  readonly begin: BeginTake;
  readonly clock: Clock;
}

interface Running {
  readonly recording: string;
  readonly segment: number;
  readonly pieces: RecordedPieces;
  take: Take | null;
  stopped: boolean;
}

/** Without a word from the room for so long, nothing more is recorded (ms). */
const lease = 5_000;

/**
 * Records a call that no server sees, in the browser that its room has chosen: when it is asked to, only for as long as the room says so again
 * and again, and never longer.
 */
export class CallRecorder {
  private readonly parts: CallRecorderParts;
  private readonly unsubscribe: readonly (() => void)[];
  private running: Running | null = null;
  private stopLease: () => void = () => undefined;

  constructor(parts: CallRecorderParts, stand: RecordingStateMessage | null) {
    this.parts = parts;
    const { room } = parts;
    this.unsubscribe = [
      room.on("state", (state) => this.follow(state)),
      room.on("lease", ({ recording, segment }) => {
        if (recording === this.running?.recording && segment === this.running.segment) this.renew();
      }),
    ];
    if (stand) this.follow(stand);
  }

  /** Whether something is being taken in at this moment. */
  get recording(): boolean {
    return this.running !== null;
  }

  /** The call is over. */
  close(): void {
    for (const stop of this.unsubscribe) stop();
    this.stop();
  }

  private follow({ recording, segment, status, recorder }: RecordingStateMessage): void {
    const { running } = this;
    const mine = recorder === this.parts.me && (status === "starting" || status === "running");
    if (mine && running?.recording === recording && running.segment === segment) return;
    this.stop();
    if (!mine || recording === null) return;
    if (status === "starting") this.begin(recording, segment);
    else this.disown(recording, segment);
  }

  /** The page has been loaded anew meanwhile: what it had recorded before is all there is of that segment. */
  private disown(recording: string, segment: number): void {
    this.report(recording, segment, "stopped");
    this.report(recording, segment, "uploaded");
  }

  private begin(recording: string, segment: number): void {
    const { begin, room, clock } = this.parts;
    const failed = () => this.stop(running);
    const upload = (index: number, bytes: Blob) => room.store(recording, segment, index, bytes);
    const pieces = new RecordedPieces({ upload, clock, failed });
    const running: Running = { recording, segment, pieces, take: null, stopped: false };
    this.running = running;
    try {
      running.take = begin({
        slice: (bytes) => pieces.add(bytes),
        ended: () => void this.finish(running),
      });
      this.renew();
      this.report(recording, segment, "running");
    } catch {
      this.stop(running);
      void this.finish(running);
    }
  }

  private renew(): void {
    this.stopLease();
    this.stopLease = this.parts.clock.after(lease, () => this.stop());
  }

  private stop(running: Running | null = this.running): void {
    if (!running || running.stopped) return;
    running.stopped = true;
    if (this.running === running) {
      this.running = null;
      this.stopLease();
    }
    running.take?.stop();
    this.report(running.recording, running.segment, "stopped");
  }

  /** Says that everything is there once it is; where it does not come there, the room waits no longer than it has to. */
  private async finish(running: Running): Promise<void> {
    this.stop(running);
    if (await running.pieces.end()) this.report(running.recording, running.segment, "uploaded");
  }

  /** What does not get through is what the room takes silence for. */
  private report(recording: string, segment: number, status: ReportStatus): void {
    this.parts.room.report(recording, segment, status).catch(() => undefined);
  }
}

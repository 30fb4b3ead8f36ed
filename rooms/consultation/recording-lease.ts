import type { Command } from "../../core/domain/feature.ts";
import type { NoteLost } from "../../core/domain/recording/commands.ts";
import {
  haltMs,
  lastSegment,
  type RecordingState,
  type SegmentRecord,
} from "../../core/domain/recording/state.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { recordingMessages } from "../../core/protocol/recording.ts";
import type { MediaService } from "../../media/media-service.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { Personal } from "../socket/room-view.ts";

export interface LeaseParts {
  readonly room: { readonly org: string; readonly ref: RoomRef };
  readonly media: Pick<MediaService, "renew">;
  readonly wheel: TimerWheel;
  /** Under which the room is ours; null: it is not, or that is not certain now. */
  epoch(): number | null;
  tell(messages: readonly Personal[]): void;
  /** Has the room take note of it. */
  note(command: Command): void;
}

/** A segment that runs: how often in a row its recorder has said that it does not, and when it last said that it does. */
interface Attended {
  readonly recording: string;
  readonly record: SegmentRecord;
  refusals: number;
  heardAt: number;
}

const renewMs = 1_500;
/** Once may be a recorder that was asked before it had begun. */
const enough = 2;

/**
 * Renews the lease of whatever records this room, for as long as the room is awake and wants it recorded. A recorder that is not
 * renewed ends by itself.
 */
export class RecordingLease {
  readonly #parts: LeaseParts;
  #attended: Attended | null = null;
  #cancel: () => void = () => {};

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Brings it to the recording as it stands. */
  follow(recording: RecordingState): void {
    const record = wanted(recording);
    const id = recording.current?.id ?? "";
    const known = this.#attended;
    if (record && known?.recording === id && known.record.segment === record.segment) return;
    this.stop();
    if (!record) return;
    this.#attended = { recording: id, record, refusals: 0, heardAt: performance.now() };
    this.#tick(this.#attended);
  }

  stop(): void {
    this.#attended = null;
    this.#cancel();
  }

  #tick(attended: Attended): void {
    if (attended !== this.#attended) return;
    const { wheel, epoch } = this.#parts;
    const current = epoch();
    if (current === null) attended.heardAt = performance.now();
    else this.#renew(attended, current);
    this.#cancel = wheel.after(renewMs, () => this.#tick(attended));
  }

  #renew(attended: Attended, epoch: number): void {
    const { recording, record } = attended;
    const { n, backend, place, segment, recorder } = record;
    const { media, room, tell } = this.#parts;
    if (recorder !== null) {
      tell([{ person: recorder, name: recordingMessages.lease, payload: { recording, segment } }]);
      return;
    }
    media.renew(backend, { ...room, n, place }, { recording, segment }, epoch).then(
      (answer) => this.#heard(attended, answer),
      () => this.#heard(attended, null),
    );
  }

  /** null: no answer. */
  #heard(attended: Attended, answer: "running" | "stopped" | null): void {
    if (attended !== this.#attended) return;
    if (answer === "running") {
      attended.refusals = 0;
      attended.heardAt = performance.now();
    }
    if (answer === "stopped") attended.refusals += 1;
    if (attended.refusals >= enough) this.#lost(attended, "recorder_ended", true);
    else if (performance.now() - attended.heardAt > haltMs) this.#lost(attended, "no_answer", false);
  }

  #lost({ recording, record: { segment } }: Attended, reason: string, confirmed: boolean): void {
    const lost: NoteLost = { name: "recording.lost", id: null, recording, segment, reason, confirmed };
    this.#parts.note(lost);
  }
}

/** A server has a lease from its start on, and is renewed once that is known; a browser begins as it is told. */
function wanted(recording: RecordingState): SegmentRecord | null {
  const last = lastSegment(recording);
  if (recording.stage === "running") return last;
  return recording.stage === "starting" && last?.recorder != null ? last : null;
}

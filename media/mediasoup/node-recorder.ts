import { DomainError } from "../../core/domain/errors.ts";
import { roomKey } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { Vault } from "../../core/platform/objects/vault.ts";
import type { Segment } from "../recorder.ts";
import type { FindFfmpeg } from "../recording/ffmpeg.ts";
import { RtpPortPool } from "../recording/rtp-ports.ts";
import type { MediaNode } from "./media-node.ts";
import type { SessionName } from "./node-session.ts";
import { SegmentRecording } from "./segment-recording.ts";

/** Records the sessions of the node beside it: `Recorder`, on the machine where the media is. */
export interface NodeRecorder {
  start(session: SessionName, segment: Segment): Promise<void>;
  renew(session: SessionName, segment: Segment, epoch: number): Promise<"running" | "stopped">;
  stop(session: SessionName, segment: Segment): Promise<void>;
  /** Whether it can; where it cannot, that is logged. */
  ready(): Promise<boolean>;
  /** Ends everything that is being recorded. */
  close(): Promise<void>;
}

export interface NodeRecorderParts {
  readonly node: Pick<MediaNode, "tap">;
  readonly vault: Vault;
  readonly findFfmpeg: FindFfmpeg;
  readonly log: Logger;
  now(): number;
}

/** Whoever asks to end a segment is told `busy` when that takes longer (ms), and asks again. */
const answerMs = 4_000;
/** Of so many segments and rooms it is known that they have ended, and who had them. */
const remembered = 5_000;

export function createNodeRecorder({ node, vault, findFfmpeg, log, now }: NodeRecorderParts): NodeRecorder {
  /** null: it has ended, or was not to begin. */
  const segments = new Map<string, Promise<SegmentRecording | null>>();
  const epochs = new Map<string, number>();
  const ports = new RtpPortPool();

  const begin = async (session: SessionName, segment: Segment): Promise<SegmentRecording> => {
    const tap = node.tap(session);
    const ffmpeg = await findFfmpeg();
    if (!ffmpeg) throw new DomainError("recording_unavailable");
    const room = await vault.recordingsOf(session);
    return SegmentRecording.begin({ tap, segment, vault: room, ffmpeg, ports, log, now });
  };

  const known = async (session: SessionName, segment: Segment): Promise<SegmentRecording | null> =>
    (await segments.get(keyOf(session, segment))?.catch(() => null)) ?? null;

  return {
    start: async (session, segment) => {
      const key = keyOf(session, segment);
      const begun = segments.get(key) ?? begin(session, segment);
      remember(segments, key, begun);
      if (!(await begun)) throw new DomainError("recording_unavailable");
    },
    renew: async (session, segment, epoch) => {
      const room = roomKey(session.ref);
      if (epoch < (epochs.get(room) ?? 0)) throw new DomainError("room_closed");
      remember(epochs, room, epoch);
      const recording = await known(session, segment);
      if (recording?.running && !isOpen(node, session)) void recording.end();
      if (!recording?.running) return "stopped";
      recording.renew();
      return "running";
    },
    stop: async (session, segment) => {
      const key = keyOf(session, segment);
      if (!segments.has(key)) return remember(segments, key, Promise.resolve(null));
      await inTime(known(session, segment).then((recording) => recording?.end()));
    },
    ready: async () => {
      const found = (await findFfmpeg()) !== null;
      if (!found)
        log.warn("calls over mediasoup cannot be recorded here: there is no ffmpeg (FFMPEG_BIN or PATH)");
      return found;
    },
    close: async () => {
      const all = await Promise.all([...segments.values()].map((one) => one.catch(() => null)));
      await Promise.all(all.map((recording) => recording?.end()));
    },
  };
}

function isOpen(node: Pick<MediaNode, "tap">, session: SessionName): boolean {
  try {
    node.tap(session);
    return true;
  } catch {
    return false;
  }
}

function inTime(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DomainError("busy")), answerMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The oldest are forgotten. */
function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > remembered && oldest !== undefined) known.delete(oldest);
}

function keyOf({ org, ref, n }: SessionName, { recording, segment }: Segment): string {
  return JSON.stringify([org, ref.kind, ref.id, n, recording, segment]);
}

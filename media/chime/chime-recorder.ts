import {
  type ChimeSDKMeetingsClient,
  GetMeetingCommand,
  NotFoundException,
} from "@aws-sdk/client-chime-sdk-meetings";
import { DomainError } from "../../core/domain/errors.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { Capture, ChimeCaptures } from "../../core/platform/repositories/chime-captures.ts";
import type { MediaSession } from "../backend.ts";
import { type Recorder, recorderLeaseMs } from "../recorder.ts";
import { inTime } from "./chime-client.ts";
import { sinkOf } from "./chime-files.ts";
import type { ChimePipelines } from "./chime-pipelines.ts";
import { readPlace } from "./chime-place.ts";

export interface ChimeRecorderParts {
  /** The ARN of the clinic's bucket, and a path in it where there is one. */
  readonly bucket: string;
  readonly meetings: Pick<ChimeSDKMeetingsClient, "send">;
  readonly pipelines: ChimePipelines;
  readonly captures: ChimeCaptures;
  readonly log: Logger;
}

export interface ChimeRecorder extends Recorder {
  /** Ends what nobody has renewed. Every process does so, all the time: a room's own may be gone. Never throws. */
  sweep(): Promise<void>;
  dispose(): void;
}

/** How often that is (ms), and when a lease counts as run out: so early that Amazon is told within its time. */
const sweepMs = 500;
const silentMs = recorderLeaseMs - 2 * sweepMs;
/** Somebody else who sweeps may try again after so long. */
const pauseMs = 2_000;
/** A pipeline of which Amazon has not told us yet may still come about (ms). */
const lateMs = 15_000;
/** Amazon is asked so often how a pipeline is; what it said is believed for so long while it does not answer. */
const askMs = 3_000;
const believeMs = 15_000;

/**
 * Records meetings by capture pipelines of Amazon's, which write into the clinic's bucket. A pipeline knows of no lease and
 * goes on when its room's process dies, so the leases are in the database, and every process with a recorder ends what is not
 * renewed. Where no process of ours is left, it goes on until the meeting ends.
 */
export function createChimeRecorder(parts: ChimeRecorderParts): ChimeRecorder {
  const { bucket, pipelines, captures, log } = parts;
  const heard = new Map<string, { readonly at: number; readonly running: boolean }>();

  /** Ends it at Amazon, and then for good. False: there may be one that cannot be found yet. */
  const finish = async (capture: Capture): Promise<boolean> => {
    const pipeline = capture.pipeline ?? (await pipelines.find(capture.sink))?.pipeline;
    if (pipeline !== undefined) await pipelines.end(pipeline);
    else if (capture.ageMs < lateMs) return false;
    await captures.end(capture, capture.sink);
    heard.delete(pipeline ?? "");
    return true;
  };

  const isRunning = async (pipeline: string): Promise<boolean> => {
    const known = heard.get(pipeline);
    const age = performance.now() - (known?.at ?? 0);
    if (known && age < askMs) return known.running;
    try {
      const running = await pipelines.isRunning(pipeline);
      if (running) heard.set(pipeline, { at: performance.now(), running });
      else heard.delete(pipeline);
      return running;
    } catch (error) {
      if (known && age < believeMs) return known.running;
      throw error;
    }
  };

  let sweeping = false;
  const sweep = async (): Promise<void> => {
    if (sweeping) return;
    sweeping = true;
    try {
      for (const capture of await captures.lapsed({ silentMs, pauseMs })) {
        const ended = await finish(capture).catch((err: unknown) => {
          log.error({ err }, "a recording that nobody renews could not be ended; it is tried again");
          return false;
        });
        if (ended) log.warn("a recording that nobody renewed was ended");
      }
    } catch (err) {
      log.debug({ err }, "the leases of recordings could not be read");
    } finally {
      sweeping = false;
    }
  };
  const timer = setInterval(() => void sweep(), sweepMs).unref();

  return {
    start: async (session, segment) => {
      const arn = await meetingArn(parts.meetings, session);
      const sink = sinkOf(bucket, segment);
      const { ended, pipeline } = await captures.claim(segment, sink);
      if (ended || pipeline !== null) return;
      const made = await pipelines.capture(arn, sink);
      if (await captures.began(segment, made)) return;
      // It was given up while Amazon was being asked.
      await pipelines.end(made.pipeline);
      throw new DomainError("media_unavailable");
    },
    renew: async (_, segment, epoch) => {
      const renewed = await captures.renew(segment, epoch);
      if (!renewed) {
        const known = await captures.find(segment);
        if (known && !known.ended && known.epoch > epoch) throw new DomainError("forbidden");
        return "stopped";
      }
      const { pipeline, ageMs } = renewed;
      if (pipeline === null ? ageMs < lateMs : await isRunning(pipeline)) return "running";
      await captures.end(segment, renewed.sink);
      return "stopped";
    },
    stop: async (_, segment) => {
      const sink = sinkOf(bucket, segment);
      const known = await captures.find(segment);
      if (known && !known.ended) await finish({ ...known, ageMs: Number.POSITIVE_INFINITY });
      else await captures.end(segment, sink);
    },
    sweep,
    dispose: () => {
      clearInterval(timer);
      pipelines.dispose();
    },
  };
}

async function meetingArn(meetings: ChimeRecorderParts["meetings"], session: MediaSession): Promise<string> {
  const place = readPlace(session);
  if (!place) throw new DomainError("call_gone");
  try {
    const asked = new GetMeetingCommand({ MeetingId: place.meeting });
    const { Meeting } = await meetings.send(asked, inTime());
    if (!Meeting?.MeetingArn) throw new Error("Amazon Chime did not say which meeting it is.");
    return Meeting.MeetingArn;
  } catch (cause) {
    if (cause instanceof NotFoundException) throw new DomainError("call_gone", undefined, { cause });
    throw cause;
  }
}

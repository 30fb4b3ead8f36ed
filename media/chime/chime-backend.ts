import {
  type ChimeSDKMeetingsClient,
  CreateAttendeeCommand,
  CreateMeetingCommand,
  DeleteAttendeeCommand,
  DeleteMeetingCommand,
  GetMeetingCommand,
  NotFoundException,
  paginateListAttendees,
} from "@aws-sdk/client-chime-sdk-meetings";
import { DomainError } from "../../core/domain/errors.ts";
import type { ChimeConfig } from "../../core/platform/config/chime.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { ChimeCaptures } from "../../core/platform/repositories/chime-captures.ts";
import type { MediaBackend } from "../backend.ts";
import { startCaptions } from "./chime-captions.ts";
import { createChimeClient, inTime } from "./chime-client.ts";
import { createChimeHealth } from "./chime-health.ts";
import { joinOf } from "./chime-join.ts";
import { createChimePipelines } from "./chime-pipelines.ts";
import { newPlace, readPlace, sessionDigest, tagOf } from "./chime-place.ts";
import { createChimeRecorder } from "./chime-recorder.ts";
import { createNearestRegion } from "./nearest-region.ts";

/** How many attendees are listed at once: more than a call has. */
const pageSize = 50;
const receiveOnly = { Audio: "Receive", Video: "Receive", Content: "Receive" } as const;
const sendAndReceive = { Audio: "SendReceive", Video: "SendReceive", Content: "SendReceive" } as const;

/** What a backend needs of the rest of the process. */
export interface ChimeBackendParts {
  readonly captures: ChimeCaptures;
  readonly log: Logger;
}

/**
 * Calls as meetings of Amazon Chime. Nothing of them is kept here: the meeting and a key of the session's are its
 * place, and an attendee is found again by a hash of the person under that key.
 *
 * Whoever joins twice is the same attendee both times, so a repeated request costs nobody anything. Only when the
 * second page begins to talk does Chime part with the first, which is told so and ends: client/sdk/call/chime-link.ts.
 */
export function createChimeBackend(
  config: ChimeConfig,
  { captures, log }: ChimeBackendParts,
  client: ChimeSDKMeetingsClient = createChimeClient(config),
  nearest: () => Promise<string> = createNearestRegion(config.region),
): MediaBackend {
  const { recording } = config;
  const recorder = recording
    ? createChimeRecorder({
        ...{ bucket: recording.bucket, meetings: client, captures, log },
        pipelines: createChimePipelines(recording),
      })
    : null;
  const leaving = new Map<string, Promise<void>>();

  const letGo = async (MeetingId: string, tag: string): Promise<void> => {
    for await (const { Attendees = [] } of paginateListAttendees(
      { client, pageSize },
      { MeetingId },
      inTime(),
    )) {
      for (const { ExternalUserId, AttendeeId } of Attendees) {
        if (ExternalUserId !== tag) continue;
        await client.send(new DeleteAttendeeCommand({ MeetingId, AttendeeId }), inTime());
      }
    }
  };

  return {
    name: "chime",
    open: async (session) => {
      const region = config.mediaRegion ?? (await nearest());
      const { Meeting } = await client.send(
        new CreateMeetingCommand({
          ClientRequestToken: sessionDigest(session, region, "token"),
          ExternalMeetingId: sessionDigest(session, region, "name"),
          MediaRegion: region,
          ...(config.echoReduction ? { MeetingFeatures: { Audio: { EchoReduction: "AVAILABLE" } } } : {}),
        }),
        inTime(),
      );
      if (!Meeting?.MeetingId) throw new Error("Amazon Chime gave no meeting.");
      if (config.transcription) await startCaptions(client, Meeting.MeetingId, config.transcription, log);
      return newPlace(Meeting.MeetingId, Meeting.MediaRegion ?? region);
    },
    join: async (session, { person, listens = false }) => {
      const place = readPlace(session);
      if (!place) throw new DomainError("call_gone");
      const MeetingId = place.meeting;
      const tag = tagOf(place, person);
      // Whoever leaves and comes back at once would be given the attendee that is just being deleted.
      await leaving.get(tag);
      const [{ Meeting }, { Attendee }] = await Promise.all([
        client.send(new GetMeetingCommand({ MeetingId }), inTime()),
        client.send(
          new CreateAttendeeCommand({
            MeetingId,
            ExternalUserId: tag,
            Capabilities: listens ? receiveOnly : sendAndReceive,
          }),
          inTime(),
        ),
      ]).catch((cause: unknown) => {
        if (cause instanceof NotFoundException) throw new DomainError("call_gone", undefined, { cause });
        throw cause;
      });
      return joinOf(place, Meeting, Attendee);
    },
    signal: async () => {
      throw new DomainError(
        "invalid_payload",
        "This call needs no signals: its browsers talk to Amazon Chime.",
      );
    },
    leave: async (session, person) => {
      const place = readPlace(session);
      if (!place) return;
      const tag = tagOf(place, person);
      const gone = letGo(place.meeting, tag).catch(unlessNotFound);
      const settled = gone.catch(() => undefined).then(() => void leaving.delete(tag));
      leaving.set(tag, settled);
      await gone;
    },
    close: async (session) => {
      const place = readPlace(session);
      // What was opened without our hearing of it ends by itself, as nobody comes.
      if (!place) return;
      await client
        .send(new DeleteMeetingCommand({ MeetingId: place.meeting }), inTime())
        .catch(unlessNotFound);
    },
    health: createChimeHealth(client),
    ...(recorder ? { recorder } : {}),
    dispose: () => {
      recorder?.dispose();
      client.destroy();
    },
  };
}

/** What is not there any more need not be ended. */
function unlessNotFound(error: unknown): void {
  if (!(error instanceof NotFoundException)) throw error;
}

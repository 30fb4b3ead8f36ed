import { createHash } from "node:crypto";
import {
  ChimeSDKMediaPipelinesClient,
  CreateMediaCapturePipelineCommand,
  CreateMediaConcatenationPipelineCommand,
  DeleteMediaCapturePipelineCommand,
  GetMediaCapturePipelineCommand,
  GetMediaPipelineCommand,
  type MediaPipelineStatus,
  NotFoundException,
  paginateListMediaCapturePipelines,
} from "@aws-sdk/client-chime-sdk-media-pipelines";
import type { ChimeRecordingConfig } from "../../core/platform/config/chime.ts";
import { clientSettings, inTime } from "./chime-client.ts";

/** A capture pipeline, as Amazon names it. */
export interface Pipeline {
  readonly pipeline: string;
  readonly arn: string;
}

/** Amazon's media pipelines, as far as recordings need them. Asked again, each does nothing more. */
export interface ChimePipelines {
  capture(meetingArn: string, sink: string): Promise<Pipeline>;
  /** Whether it takes in what people give, or is about to. */
  isRunning(pipeline: string): Promise<boolean>;
  /** It takes in nothing more; what it has taken in it still puts into the bucket. */
  end(pipeline: string): Promise<void>;
  /** One that runs and puts its files there; null: there is none. */
  find(sink: string): Promise<Pipeline | null>;
  /** Resolves with the name of what makes one file of what this pipeline captured. */
  concatenate(captured: string, sink: string): Promise<string>;
  /** How far that is. */
  concatenated(pipeline: string): Promise<"running" | "done" | "failed">;
  dispose(): void;
}

const pageSize = 99;
const running: readonly MediaPipelineStatus[] = ["NotStarted", "Initializing", "InProgress", "Paused"];
const off = { State: "Disabled" } as const;
const on = { State: "Enabled" } as const;

/** Everyone's picture and sound in one file; a screen that is shared beside them. */
const captured = {
  Audio: { MuxType: "AudioWithCompositedVideo" },
  Video: off,
  Content: off,
  CompositedVideo: {
    Layout: "GridView",
    Resolution: "HD",
    GridViewConfiguration: { ContentShareLayout: "Horizontal" },
  },
} as const;
const joined = {
  ...{ Audio: on, CompositedVideo: on, Video: off, Content: off },
  ...{ DataChannel: off, TranscriptionMessages: off, MeetingEvents: off },
};

export function createChimePipelines(config: ChimeRecordingConfig): ChimePipelines {
  const client = new ChimeSDKMediaPipelinesClient(clientSettings(config));

  const statusOf = async (MediaPipelineId: string): Promise<MediaPipelineStatus | undefined> => {
    const { MediaPipeline } = await client.send(new GetMediaPipelineCommand({ MediaPipelineId }), inTime());
    return MediaPipeline?.MediaConcatenationPipeline?.Status;
  };

  /** null: it is not there any more. */
  const look = async (MediaPipelineId: string) => {
    try {
      const asked = new GetMediaCapturePipelineCommand({ MediaPipelineId });
      return (await client.send(asked, inTime())).MediaCapturePipeline ?? null;
    } catch (error) {
      if (error instanceof NotFoundException) return null;
      throw error;
    }
  };
  const isRunning = (status: MediaPipelineStatus | undefined) =>
    status !== undefined && running.includes(status);

  return {
    capture: async (SourceArn, SinkArn) => {
      const asked = new CreateMediaCapturePipelineCommand({
        ...{ SourceType: "ChimeSdkMeeting", SourceArn, SinkType: "S3Bucket", SinkArn },
        ClientRequestToken: tokenOf("capture", SinkArn),
        ChimeSdkMeetingConfiguration: { ArtifactsConfiguration: captured },
      });
      const { MediaCapturePipeline: made } = await client.send(asked, inTime());
      if (!made?.MediaPipelineId || !made.MediaPipelineArn) throw new Error("Amazon Chime gave no pipeline.");
      return { pipeline: made.MediaPipelineId, arn: made.MediaPipelineArn };
    },
    isRunning: async (pipeline) => isRunning((await look(pipeline))?.Status),
    end: async (MediaPipelineId) => {
      const asked = new DeleteMediaCapturePipelineCommand({ MediaPipelineId });
      await client.send(asked, inTime()).catch((error: unknown) => {
        if (!(error instanceof NotFoundException)) throw error;
      });
    },
    find: async (sink) => {
      for await (const { MediaCapturePipelines = [] } of paginateListMediaCapturePipelines(
        { client, pageSize },
        {},
        inTime(),
      )) {
        for (const { MediaPipelineId: pipeline, MediaPipelineArn: arn } of MediaCapturePipelines) {
          if (!pipeline || !arn) continue;
          const known = await look(pipeline);
          if (known?.SinkArn === sink && isRunning(known.Status)) return { pipeline, arn };
        }
      }
      return null;
    },
    concatenate: async (MediaPipelineArn, Destination) => {
      const source = { MediaPipelineArn, ChimeSdkMeetingConfiguration: { ArtifactsConfiguration: joined } };
      const asked = new CreateMediaConcatenationPipelineCommand({
        Sources: [{ Type: "MediaCapturePipeline", MediaCapturePipelineSourceConfiguration: source }],
        Sinks: [{ Type: "S3Bucket", S3BucketSinkConfiguration: { Destination } }],
        ClientRequestToken: tokenOf("concatenation", Destination),
      });
      const { MediaConcatenationPipeline: made } = await client.send(asked, inTime());
      if (!made?.MediaPipelineId) throw new Error("Amazon Chime gave no pipeline.");
      return made.MediaPipelineId;
    },
    concatenated: async (pipeline) => {
      const status = await statusOf(pipeline);
      if (status === "Stopped") return "done";
      return status === "Failed" ? "failed" : "running";
    },
    dispose: () => client.destroy(),
  };
}

/** The same for the same files, so that what is asked again is the same pipeline. */
function tokenOf(use: "capture" | "concatenation", sink: string): string {
  return createHash("sha256")
    .update(JSON.stringify([use, sink]))
    .digest("base64url");
}

import { randomUUID } from "node:crypto";
import { z } from "zod";

export type Answer = readonly [status: number, body?: unknown, error?: string];
export const fault = (status: number, name: string): Answer => [status, { Code: name, Message: "No." }, name];

/** Forms of requests, from the service's model: what else is there is refused. */
const token = z.string().regex(/^[-_a-zA-Z0-9]{2,64}$/);
const arn = z.string().regex(/^arn[/:_\-.a-zA-Z0-9]{1,1011}$/);
const bucketArn = arn.regex(/^arn:aws:s3:::[a-z0-9.-]+(\/[A-Za-z0-9._-]+)*$/);
const off = z.strictObject({ State: z.literal("Disabled") });
const on = z.strictObject({ State: z.literal("Enabled") });
const capture = z.strictObject({
  SourceType: z.literal("ChimeSdkMeeting"),
  SourceArn: arn,
  SinkType: z.literal("S3Bucket"),
  SinkArn: bucketArn,
  ClientRequestToken: token,
  ChimeSdkMeetingConfiguration: z.strictObject({
    ArtifactsConfiguration: z.strictObject({
      Audio: z.strictObject({ MuxType: z.literal("AudioWithCompositedVideo") }),
      // With composited video, as Amazon has it.
      Video: off,
      Content: off,
      CompositedVideo: z.strictObject({
        Layout: z.literal("GridView"),
        Resolution: z.enum(["HD", "FHD"]),
        GridViewConfiguration: z.strictObject({
          ContentShareLayout: z.enum(["PresenterOnly", "Horizontal", "Vertical", "ActiveSpeakerOnly"]),
        }),
      }),
    }),
  }),
});
const concatenation = z.strictObject({
  Sources: z.tuple([
    z.strictObject({
      Type: z.literal("MediaCapturePipeline"),
      MediaCapturePipelineSourceConfiguration: z.strictObject({
        MediaPipelineArn: arn,
        ChimeSdkMeetingConfiguration: z.strictObject({
          ArtifactsConfiguration: z.strictObject({
            ...{ Audio: on, CompositedVideo: on, Video: off, Content: off },
            ...{ DataChannel: off, TranscriptionMessages: off, MeetingEvents: off },
          }),
        }),
      }),
    }),
  ]),
  Sinks: z.tuple([
    z.strictObject({
      Type: z.literal("S3Bucket"),
      S3BucketSinkConfiguration: z.strictObject({ Destination: bucketArn }),
    }),
  ]),
  ClientRequestToken: token,
});

export interface CapturePipeline {
  readonly MediaPipelineId: string;
  readonly MediaPipelineArn: string;
  readonly request: z.infer<typeof capture>;
  status: "Initializing" | "InProgress" | "Stopping" | "Stopped" | "Failed";
}

interface ConcatenationPipeline {
  readonly MediaPipelineId: string;
  readonly request: z.infer<typeof concatenation>;
  status: "InProgress" | "Stopped" | "Failed";
}

const gone = fault(404, "NotFoundException");

/** Amazon's media pipelines, as far as recordings use them. */
export class PipelineService {
  readonly captures = new Map<string, CapturePipeline>();
  readonly concatenations = new Map<string, ConcatenationPipeline>();
  private readonly hasMeeting: (arn: string) => boolean;

  constructor(hasMeeting: (arn: string) => boolean) {
    this.hasMeeting = hasMeeting;
  }

  /** Those that take something in. */
  running(): CapturePipeline[] {
    return [...this.captures.values()].filter(({ status }) => status === "InProgress");
  }

  /** A string: what is wrong with the request. */
  answer(method: string, kind: string, id: string, query: URLSearchParams, body: unknown): Answer | string {
    const known = this.captures.get(id);
    if (kind === "sdk-media-pipelines" && method === "GET") return this.told(id);
    if (kind === "sdk-media-concatenation-pipelines" && method === "POST") return this.concatenate(body);
    if (kind !== "sdk-media-capture-pipelines") return `${method} ${kind}`;
    if (id === "" && method === "POST") return this.create(body);
    if (id === "" && method === "GET") return this.list(query);
    if (method === "GET") return known ? [200, { MediaCapturePipeline: shown(known) }] : gone;
    if (method !== "DELETE") return `${method} ${kind}`;
    if (!known) return gone;
    known.status = "Stopping";
    return [204];
  }

  private create(body: unknown): Answer | string {
    const parsed = capture.safeParse(body);
    if (!parsed.success) return parsed.error.message;
    const { data: request } = parsed;
    if (!this.hasMeeting(request.SourceArn)) return fault(404, "NotFoundException");
    const known = [...this.captures.values()].find(
      (one) => one.request.ClientRequestToken === request.ClientRequestToken,
    );
    if (known && JSON.stringify(known.request) !== JSON.stringify(request))
      return fault(409, "ConflictException");
    const MediaPipelineId = randomUUID();
    const MediaPipelineArn = `arn:aws:chime:us-east-1:123456789012:media-pipeline/${MediaPipelineId}`;
    const made: CapturePipeline = known ?? {
      MediaPipelineId,
      MediaPipelineArn,
      request,
      status: "InProgress",
    };
    this.captures.set(made.MediaPipelineId, made);
    return [201, { MediaCapturePipeline: shown(made) }];
  }

  /** One at a time, so that there are pages to ask for. */
  private list(query: URLSearchParams): Answer | string {
    const most = Number(query.get("max-results"));
    if (!(most >= 1 && most <= 99)) return "max-results: 1 to 99";
    const from = Number(query.get("next-token") ?? 0);
    const all = [...this.captures.values()];
    const next = from + 1 < all.length ? { NextToken: String(from + 1) } : {};
    const MediaCapturePipelines = all
      .slice(from, from + 1)
      .map(({ MediaPipelineId, MediaPipelineArn }) => ({ MediaPipelineId, MediaPipelineArn }));
    return [200, { MediaCapturePipelines, ...next }];
  }

  private concatenate(body: unknown): Answer | string {
    const parsed = concatenation.safeParse(body);
    if (!parsed.success) return parsed.error.message;
    const { data: request } = parsed;
    const [{ MediaCapturePipelineSourceConfiguration: source }] = request.Sources;
    const captured = [...this.captures.values()].some(
      (one) => one.MediaPipelineArn === source.MediaPipelineArn,
    );
    if (!captured) return gone;
    const known = [...this.concatenations.values()].find(
      (one) => one.request.ClientRequestToken === request.ClientRequestToken,
    );
    const made: ConcatenationPipeline = known ?? {
      MediaPipelineId: randomUUID(),
      request,
      status: "InProgress",
    };
    this.concatenations.set(made.MediaPipelineId, made);
    return [
      201,
      { MediaConcatenationPipeline: { MediaPipelineId: made.MediaPipelineId, Status: made.status } },
    ];
  }

  private told(id: string): Answer {
    const one = this.concatenations.get(id);
    if (!one) return gone;
    const MediaConcatenationPipeline = { MediaPipelineId: id, Status: one.status };
    return [200, { MediaPipeline: { MediaConcatenationPipeline } }];
  }
}

function shown({ MediaPipelineId, MediaPipelineArn, request, status }: CapturePipeline) {
  const { SourceType, SourceArn, SinkType, SinkArn } = request;
  return { MediaPipelineId, MediaPipelineArn, SourceType, SourceArn, SinkType, SinkArn, Status: status };
}

import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { type Answer, fault, PipelineService } from "./pipeline-service.ts";
import { signatureFault } from "./sigv4.ts";

export const credentials = {
  accessKeyId: "AKIDOFTHETEST",
  secretAccessKey: "secret-access-key-of-the-test-4711",
};
export const region = "ap-northeast-1";

/** Forms of requests, from the service's model (its `models_0` and API reference): what else is there is refused. */
const token = z.string().regex(/^[-_a-zA-Z0-9]{2,64}$/);
const externalId = z.string().regex(/^[-_&@+=,(){}[\]/«».:|'"#a-zA-Z0-9À-ÿ\s]{2,64}$/);
const capability = z.enum(["SendReceive", "Send", "Receive", "None"]);
const createMeeting = z.strictObject({
  ClientRequestToken: token,
  ExternalMeetingId: externalId,
  MediaRegion: z.string().min(2).max(64),
  MeetingFeatures: z
    .strictObject({ Audio: z.strictObject({ EchoReduction: z.enum(["AVAILABLE", "UNAVAILABLE"]) }) })
    .optional(),
});
const createAttendee = z.strictObject({
  ExternalUserId: externalId,
  Capabilities: z.strictObject({ Audio: capability, Video: capability, Content: capability }),
});

const language = z.enum([
  "de-DE",
  "en-AU",
  "en-GB",
  "en-US",
  "es-US",
  "fr-CA",
  "fr-FR",
  "hi-IN",
  "it-IT",
  "ja-JP",
]);
const steady = {
  EnablePartialResultsStabilization: z.boolean(),
  PartialResultsStability: z.enum(["low", "medium", "high"]),
};
const startTranscription = z.strictObject({
  TranscriptionConfiguration: z.strictObject({
    EngineTranscribeSettings: z.union([
      z.strictObject({ LanguageCode: language, ...steady }),
      z.strictObject({ IdentifyLanguage: z.literal(true), ...steady }),
    ]),
  }),
});

interface Attendee extends z.infer<typeof createAttendee> {
  readonly AttendeeId: string;
  readonly JoinToken: string;
}
interface Meeting {
  readonly request: z.infer<typeof createMeeting>;
  readonly MeetingId: string;
  readonly attendees: Attendee[];
  /** How its captions are made; null: it has none. */
  captions: z.infer<typeof startTranscription> | null;
}
type Trouble = "throttled" | "broken" | "denied" | "silence";
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}
const noMeeting = fault(404, "NotFoundException");

/** Amazon Chime's meetings, as far as we use them, on a port of this machine. */
export class ChimeService {
  readonly asked: Asked[] = [];
  /** What was wrong with requests that came. */
  readonly faults: string[] = [];
  readonly meetings = new Map<string, Meeting>();
  readonly pipelines = new PipelineService((arn) => this.meetings.has(arn.split("/").at(-1) ?? ""));
  /** How the next requests are answered instead; `silence`: not at all. */
  readonly instead: Trouble[] = [];
  /** How all of them are answered instead; null: as they should be. */
  trouble: Trouble | null = null;
  private readonly aimed = new Map<string, Trouble>();
  private readonly server = createServer((request, response) => void this.take(request, response));

  /** Resolves with its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** The same for the next request whose path has this in it. */
  next(path: string, trouble: Trouble): void {
    this.aimed.set(path, trouble);
  }

  names(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: string[] = [];
    for await (const chunk of request.setEncoding("utf8")) chunks.push(String(chunk));
    const text = chunks.join("");
    const { method = "", url = "", headers } = request;
    const signer = { ...credentials, region, service: "chime" };
    const wrong = signatureFault({ method, url, headers, body: text }, signer);
    if (wrong) this.faults.push(`${method} ${url}: ${wrong}`);
    const body: unknown = text === "" ? null : JSON.parse(text);
    if (body !== null && headers["content-type"] !== "application/json") this.faults.push(`${url}: no JSON`);
    this.asked.push({ method, path: url, body });
    const aim = [...this.aimed.keys()].find((path) => url.includes(path)) ?? "";
    const instead = this.aimed.get(aim) ?? this.instead.shift() ?? this.trouble;
    this.aimed.delete(aim);
    if (instead === "silence") return;
    const [status, answer, error] = wrong
      ? fault(403, "ForbiddenException")
      : instead
        ? refusals[instead]
        : this.answer(method, new URL(url, "http://host"), body);
    response.writeHead(status, {
      "content-type": "application/json",
      "x-amzn-requestid": randomUUID(),
      ...(error === undefined ? {} : { "x-amzn-errortype": error }),
    });
    response.end(answer === undefined ? "" : JSON.stringify(answer));
  }

  private answer(method: string, { pathname, searchParams }: URL, body: unknown): Answer {
    const [, kind, id = "", sub, attendeeId] = pathname.split("/");
    if (kind?.startsWith("sdk-media-")) {
      const answer = this.pipelines.answer(method, kind, id, searchParams, body);
      return typeof answer === "string" ? this.wrong(answer) : answer;
    }
    if (kind !== "meetings") return this.wrong(`no such path: ${pathname}`);
    if (method === "POST" && id === "") return this.create(body);
    const meeting = this.meetings.get(id);
    if (!meeting) return noMeeting;
    if (sub === undefined) {
      if (method === "GET") return [200, { Meeting: shown(meeting) }];
      if (method !== "DELETE") return this.wrong(`${method} ${pathname}`);
      this.meetings.delete(id);
      return [204];
    }
    if (sub === "transcription") return this.transcribe(meeting, method, searchParams, body);
    if (sub !== "attendees") return this.wrong(pathname);
    if (method === "POST" && attendeeId === undefined) return this.attend(meeting, body);
    if (method === "GET" && attendeeId === undefined) return page(meeting, searchParams);
    if (method !== "DELETE") return this.wrong(`${method} ${pathname}`);
    const at = meeting.attendees.findIndex(({ AttendeeId }) => AttendeeId === attendeeId);
    if (at < 0) return noMeeting;
    meeting.attendees.splice(at, 1);
    return [204];
  }

  private create(body: unknown): Answer {
    const parsed = createMeeting.safeParse(body);
    if (!parsed.success) return this.wrong(parsed.error.message);
    const request = parsed.data;
    const known = [...this.meetings.values()].find(
      (one) => one.request.ClientRequestToken === request.ClientRequestToken,
    );
    if (known && JSON.stringify(known.request) !== JSON.stringify(request)) {
      return fault(409, "ConflictException");
    }
    const meeting = known ?? { request, MeetingId: randomUUID(), attendees: [], captions: null };
    this.meetings.set(meeting.MeetingId, meeting);
    return [201, { Meeting: shown(meeting) }];
  }

  private attend({ attendees }: Meeting, body: unknown): Answer {
    const parsed = createAttendee.safeParse(body);
    if (!parsed.success) return this.wrong(parsed.error.message);
    const known = attendees.find(({ ExternalUserId }) => ExternalUserId === parsed.data.ExternalUserId);
    const JoinToken = `join-token-${randomBytes(24).toString("base64url")}`;
    const attendee = known ?? { ...parsed.data, AttendeeId: randomUUID(), JoinToken };
    if (!known) attendees.push(attendee);
    return [200, { Attendee: attendee }];
  }

  private transcribe(meeting: Meeting, method: string, query: URLSearchParams, body: unknown): Answer {
    if (method !== "POST" || query.get("operation") !== "start") return this.wrong(`${method} transcription`);
    const parsed = startTranscription.safeParse(body);
    if (!parsed.success) return this.wrong(parsed.error.message);
    if (meeting.captions) return fault(409, "ConflictException");
    meeting.captions = parsed.data;
    return [200];
  }

  private wrong(what: string): Answer {
    this.faults.push(what);
    return fault(400, "BadRequestException");
  }
}

const refusals = {
  throttled: fault(429, "ThrottlingException"),
  broken: fault(503, "ServiceUnavailableException"),
  denied: fault(403, "ForbiddenException"),
} as const;

/** Two at a time, so that there is a second page to ask for. Tokens are not listed. */
function page({ attendees }: Meeting, query: URLSearchParams): Answer {
  const from = Number(query.get("next-token") ?? 0);
  const next = from + 2 < attendees.length ? { NextToken: String(from + 2) } : {};
  const listed = attendees.slice(from, from + 2).map(({ JoinToken: _, ...rest }) => rest);
  return [200, { Attendees: listed, ...next }];
}

function shown({ MeetingId, request }: Meeting) {
  const host = `${MeetingId}.k.m1.an1.app.chime.aws`;
  return {
    MeetingId,
    MeetingArn: `arn:aws:chime:${region}:123456789012:meeting/${MeetingId}`,
    ExternalMeetingId: request.ExternalMeetingId,
    MediaRegion: request.MediaRegion,
    MeetingFeatures: request.MeetingFeatures,
    MediaPlacement: {
      AudioHostUrl: `${host}:3478`,
      AudioFallbackUrl: `wss://haxrp.m1.an1.app.chime.aws:443/calls/${MeetingId}`,
      SignalingUrl: `wss://signal.m1.an1.app.chime.aws/control/${MeetingId}`,
      TurnControlUrl: `https://2713.cell.an1.meetings.chime.aws/v2/turn_sessions`,
      EventIngestionUrl: "https://data.svc.an1.ingest.chime.aws/v1/client-events",
    },
  };
}

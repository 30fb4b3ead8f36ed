import { createServer } from "node:http";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChimeConfig } from "../../core/platform/config/chime.ts";
import { createLogger } from "../../core/platform/logger.ts";
import type { ChimeCaptures } from "../../core/platform/repositories/chime-captures.ts";
import { chimeJoin } from "../../core/protocol/call.ts";
import type { MediaBackend, MediaSession } from "../../media/backend.ts";
import { createChimeBackend } from "../../media/chime/chime-backend.ts";
import { createNearestRegion } from "../../media/chime/nearest-region.ts";
import { createMediaService } from "../../media/media-service.ts";
import { ChimeService, credentials, region } from "./chime-service.ts";

const call = { org: "demo-clinic", ref: { kind: "consultation", id: "visit-of-hanako" }, n: 1 } as const;
const people = ["hanako", "dr-sato", "interpreter-ruth"];

const never = () => Promise.reject(new Error("nothing is recorded here"));
const captures: ChimeCaptures = {
  claim: never,
  began: never,
  renew: never,
  find: never,
  end: never,
  lapsed: never,
};
let logged = "";
const log = createLogger({
  level: "trace",
  destination: new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  }),
});

let service: ChimeService;
let endpoint: string;
let chime: MediaBackend;

function backend(change: Partial<ChimeConfig> = {}): MediaBackend {
  const usual = { region, endpoint, mediaRegion: "eu-central-1", echoReduction: false };
  return createChimeBackend({ ...usual, transcription: null, recording: null, ...change }, { captures, log });
}

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", undefined);
  service = new ChimeService();
  endpoint = await service.listen();
  chime = backend();
});
afterEach(() => {
  chime.dispose?.();
  service.close();
  vi.unstubAllEnvs();
  expect(service.faults).toEqual([]);
});

const opened = async (): Promise<MediaSession> => {
  const session = { ...call, place: null };
  return { ...session, place: await chime.open(session) };
};
const join = async (session: MediaSession, person = "hanako", listens = false) =>
  chimeJoin.parse(await chime.join(session, { person, polite: false, listens }));
const only = () => [...service.meetings.values()];

describe("a call over Amazon Chime", () => {
  it("is one meeting, however often and by whom it is opened", async () => {
    const first = await opened();
    const other = backend();
    expect(JSON.parse((await other.open({ ...call, place: null })) ?? "")).toMatchObject({
      meeting: only()[0]?.MeetingId,
      region: "eu-central-1",
    });
    other.dispose?.();
    expect(only()).toHaveLength(1);
    expect(JSON.stringify(only()[0]?.request)).not.toMatch(/demo-clinic|hanako|visit/);
    expect(first.place?.length).toBeLessThan(1_024);
    await chime.open({ ...call, n: 2, place: null });
    expect(only()).toHaveLength(2);
  });

  it("is what a browser can take part in, each with a token of their own, and under no name", async () => {
    const session = await opened();
    const joined = await Promise.all(people.map((person) => join(session, person)));
    expect(new Set(joined.map(({ attendee }) => attendee.JoinToken)).size).toBe(3);
    expect(joined[0]).toMatchObject({
      backend: "chime",
      meeting: { MediaRegion: "eu-central-1", MediaPlacement: { SignalingUrl: /^wss:/ } },
      key: joined[1]?.key,
    });
    expect(joined[0]?.meeting.MediaPlacement).not.toHaveProperty("EventIngestionUrl");
    for (const person of people) expect(JSON.stringify(service.asked)).not.toContain(person);
  });

  it("gives whoever joins again the same place, and leaves their other page alone", async () => {
    const session = await opened();
    const one = await join(session);
    expect(await join(session)).toEqual(one);
    expect(only()[0]?.attendees).toHaveLength(1);
  });

  it("lets those who only listen send nothing", async () => {
    const session = await opened();
    await join(session, "hanako");
    await join(session, "observer", true);
    expect(only()[0]?.attendees.map(({ Capabilities }) => Capabilities.Audio)).toEqual([
      "SendReceive",
      "Receive",
    ]);
  });

  it("is over for whoever leaves, and they may come back at once", async () => {
    const session = await opened();
    const before = await Promise.all(people.map((person) => join(session, person)));
    const leaving = chime.leave(session, "interpreter-ruth");
    const again = await join(session, "interpreter-ruth");
    await leaving;
    expect(again.attendee.AttendeeId).not.toBe(before[2]?.attendee.AttendeeId);
    expect(only()[0]?.attendees).toHaveLength(3);
    await chime.leave(session, "hanako");
    await chime.leave(session, "hanako");
    await chime.leave(session, "nobody");
    expect(only()[0]?.attendees).toHaveLength(2);
  });

  it("ends, also when it has ended", async () => {
    const session = await opened();
    await chime.close(session);
    expect(only()).toEqual([]);
    await chime.close(session);
    await chime.leave(session, "hanako");
    await chime.close({ ...session, place: null });
    await expect(join(session)).rejects.toMatchObject({ code: "call_gone" });
    await expect(join({ ...session, place: "elsewhere" })).rejects.toMatchObject({ code: "call_gone" });
  });

  it("allows echo reduction where that is asked for", async () => {
    await opened();
    const reducing = backend({ echoReduction: true });
    await reducing.open({ ...call, n: 2, place: null });
    reducing.dispose?.();
    expect(only().map(({ request }) => request.MeetingFeatures)).toEqual([
      undefined,
      { Audio: { EchoReduction: "AVAILABLE" } },
    ]);
  });

  it("has captions where that is asked for, once, in one language or whichever is spoken", async () => {
    await opened();
    const captioned = backend({ transcription: "ja-JP" });
    for (const n of [2, 2]) await captioned.open({ ...call, n, place: null });
    const guessing = backend({ transcription: "auto" });
    await guessing.open({ ...call, n: 3, place: null });
    captioned.dispose?.();
    guessing.dispose?.();
    const settings = only().map(
      ({ captions }) => captions?.TranscriptionConfiguration.EngineTranscribeSettings,
    );
    expect(settings).toEqual([
      undefined,
      expect.objectContaining({ LanguageCode: "ja-JP" }),
      expect.objectContaining({ IdentifyLanguage: true }),
    ]);
    expect(logged).not.toContain("no captions");
  });

  it("goes on without captions where they cannot be had, and says so", async () => {
    const captioned = backend({ transcription: "ja-JP" });
    service.next("transcription", "denied");
    expect(await captioned.open({ ...call, place: null })).not.toBeNull();
    captioned.dispose?.();
    expect(only()[0]?.captions).toBeNull();
    expect(logged).toContain("a call over Amazon Chime has no captions");
  });

  it("takes no signals", async () => {
    await expect(chime.signal(await opened(), "hanako", {})).rejects.toMatchObject({
      code: "invalid_payload",
    });
  });
});

describe("the stand-in for Amazon", () => {
  it("knows a signature that is wrong, and a form that is", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another-secret");
    const stranger = backend();
    await expect(stranger.open({ ...call, place: null })).rejects.toMatchObject({
      name: "ForbiddenException",
    });
    stranger.dispose?.();
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
    expect(service.faults.splice(0)).toEqual(["POST /meetings: the signature is wrong"]);
    const nowhere = backend({ mediaRegion: "x" });
    await expect(nowhere.open({ ...call, place: null })).rejects.toMatchObject({
      name: "BadRequestException",
    });
    nowhere.dispose?.();
    expect(service.faults.splice(0)).toHaveLength(1);
  });
});

describe("Amazon Chime in trouble", () => {
  it("is asked again when it throttles or fails for a moment", async () => {
    service.instead.push("throttled", "broken");
    const session = await opened();
    expect(service.names()).toEqual(Array(3).fill("POST /meetings"));
    expect(only()).toHaveLength(1);
    await join(session);
  });

  it("is asked again when it does not answer", async () => {
    service.instead.push("silence");
    await opened();
    expect(service.asked).toHaveLength(2);
  });

  it("has failed when it does not answer in five seconds, or refuses us: that is no answer of the call's", async () => {
    const media = createMediaService([chime], createLogger({ level: "silent" }));
    const open = { to: { id: "chime" }, name: "open", payload: { n: 1 } } as const;
    const failed = { code: "media_unavailable" };
    service.instead.push("silence", "silence", "silence", "silence");
    const began = performance.now();
    await expect(chime.open({ ...call, place: null })).rejects.toThrow(/./);
    expect(performance.now() - began).toBeLessThan(7_000);
    service.instead.splice(0);
    service.instead.push("denied");
    await expect(media.run(call, open)).rejects.toMatchObject(failed);
    for (let tries = 0; tries < 2; tries += 1) {
      service.instead.push("denied");
      await expect(media.run(call, open)).rejects.toMatchObject(failed);
    }
    // The breaker is open: nothing more is asked.
    const asked = service.asked.length;
    await expect(media.run(call, open)).rejects.toMatchObject(failed);
    expect(service.asked).toHaveLength(asked);
  });

  it("is what its health says, asked for now and then", async () => {
    expect(await chime.health()).toBeNull();
    expect(await chime.health()).toBeNull();
    expect(service.asked).toHaveLength(1);
    service.instead.push("denied");
    const other = backend();
    expect(await other.health()).toBe("Amazon Chime cannot be used (ForbiddenException)");
    other.dispose?.();
  });

  it("leaves no token, key or secret in the log", async () => {
    let logged = "";
    const destination = new Writable({
      write: (chunk, _, done) => {
        logged += String(chunk);
        done();
      },
    });
    const log = createLogger({ level: "trace", destination });
    const media = createMediaService([chime], log);
    const session = await opened();
    const { attendee, key } = await join(session);
    for (let tries = 0; tries < 3; tries += 1) {
      service.instead.push("denied", "denied");
      const who = { person: "hanako", polite: false };
      const error = await media.join("chime", session, who).catch((reason: unknown) => reason);
      log.error({ err: error }, "as if it were logged");
    }
    expect(logged).toContain("a dependency fails");
    for (const secret of [attendee.JoinToken, key, credentials.secretAccessKey]) {
      expect(logged).not.toContain(secret);
    }
  });
});

describe("the nearest media region", () => {
  const serve = async (answer: string) => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      if (answer !== "") response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const close = () => {
      server.close();
      server.closeAllConnections();
    };
    return { url, close, asked: () => asked };
  };

  it.each([
    ['{"region":"ap-southeast-2"}', "ap-southeast-2"],
    ['{"region":"<script>"}', region],
    ["no JSON", region],
    ["", region],
  ])("is asked for once: %j is %s", async (answer, wanted) => {
    const server = await serve(answer);
    const nearest = createNearestRegion(region, { url: server.url, answerMs: answer === "" ? 500 : 20_000 });
    expect(await Promise.all([nearest(), nearest()])).toEqual([wanted, wanted]);
    expect(await nearest()).toBe(wanted);
    expect(server.asked()).toBe(1);
    server.close();
  });
});

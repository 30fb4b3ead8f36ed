import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic } from "./clinic.ts";

/** In the page. Nothing answers at the meeting's address: the library has to say so. */
const makesMeeting = `(async () => {
  const library = await import("/amazon-chime-sdk.js");
  const placement = { AudioHostUrl: "127.0.0.1:9", SignalingUrl: location.origin.replace("http", "ws") + "/none" };
  const configuration = new library.MeetingSessionConfiguration(
    { Meeting: { MeetingId: "m", MediaRegion: "eu-central-1", MediaPlacement: placement } },
    { Attendee: { AttendeeId: "a", ExternalUserId: "somebody", JoinToken: "t" } },
  );
  configuration.reconnectTimeoutMs = 1_000;
  configuration.connectionTimeoutMs = 2_000;
  const logger = new library.NoOpLogger();
  const devices = new library.DefaultDeviceController(logger);
  const session = new library.DefaultMeetingSession(configuration, logger, devices);
  let first = "nothing";
  const stopped = new Promise((resolve) => {
    session.audioVideo.addObserver({
      audioVideoDidStartConnecting: () => { if (first === "nothing") first = "connecting"; },
      audioVideoDidStop: (status) => resolve(status.isFailure()),
    });
  });
  session.audioVideo.realtimeMuteLocalAudio();
  session.audioVideo.start();
  const captions = typeof session.audioVideo.transcriptionController?.subscribeToTranscriptEvent;
  const result = { first: "", captions, stopped: await stopped, joinedElsewhere: library.MeetingSessionStatusCode.AudioJoinedFromAnotherDevice };
  await session.destroy();
  await devices.destroy();
  return { ...result, first };
})()`;

/** In the page. A transport asks to be connected as soon as there is something to hear over it. */
const makesTransport = `(async () => {
  const { Device } = await import("/mediasoup-client.js");
  const device = await Device.factory();
  const codecs = [{ kind: "audio", mimeType: "audio/opus", preferredPayloadType: 100, clockRate: 48000, channels: 2 }];
  await device.load({ routerRtpCapabilities: { codecs, headerExtensions: [] } });
  const transport = device.createRecvTransport({
    id: "t",
    iceParameters: { usernameFragment: "fragment", password: "passwordthatislongenough", iceLite: true },
    iceCandidates: [{ foundation: "1", priority: 1, address: "127.0.0.1", ip: "127.0.0.1", protocol: "udp", port: 9, type: "host" }],
    dtlsParameters: { role: "auto", fingerprints: [{ algorithm: "sha-256", value: Array(32).fill("00").join(":") }] },
    sctpParameters: { port: 5000, OS: 16, MIS: 16, maxMessageSize: 65536 },
  });
  const connects = new Promise((resolve) => {
    transport.on("connect", ({ dtlsParameters }, done) => { done(); resolve(dtlsParameters.fingerprints.length > 0); });
  });
  await transport.consumeData({ id: "d", dataProducerId: "p", sctpStreamParameters: { streamId: 0, ordered: true } });
  const result = { audio: device.recvRtpCapabilities.codecs[0].mimeType, connects: await connects };
  transport.close();
  return result;
})()`;

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

it.each([
  [
    "amazon-chime-sdk",
    "makes a meeting",
    makesMeeting,
    { first: "connecting", captions: "function", stopped: true, joinedElsewhere: 2 },
  ],
  ["mediasoup-client", "makes a transport", makesTransport, { audio: "audio/opus", connects: true }],
])(
  "%s is loaded by nobody who does not need it, and %s under our content security policy",
  async (name, _, script, expected) => {
    const asked: string[] = [];
    const { page, context } = await clinic.stranger("/", {
      prepare: async (context) => {
        context.on("request", (request) => asked.push(new URL(request.url()).pathname));
      },
    });
    const faults: string[] = [];
    page.on("pageerror", ({ message }) => faults.push(message));
    await page.waitForLoadState("networkidle");
    expect(asked).not.toContain(`/${name}.js`);
    expect(await page.evaluate(script)).toEqual(expected);
    expect(asked).toContain(`/${name}.js`);
    expect(faults).toEqual([]);
    await context.close();
  },
);

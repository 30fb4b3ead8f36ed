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

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

it("is loaded by nobody who does not need it, and makes a meeting under our content security policy", async () => {
  const asked: string[] = [];
  const { page, context } = await clinic.stranger("/", {
    prepare: async (context) => {
      context.on("request", (request) => asked.push(new URL(request.url()).pathname));
    },
  });
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  await page.waitForLoadState("networkidle");
  expect(asked).not.toContain("/amazon-chime-sdk.js");
  expect(await page.evaluate(makesMeeting)).toEqual({
    first: "connecting",
    captions: "function",
    stopped: true,
    joinedElsewhere: 2,
  });
  expect(faults).toEqual([]);
  await context.close();
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic } from "./clinic.ts";

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
  expect(
    await page.evaluate(async (path) => {
      const library = await import(path);
      const meeting = {
        MeetingId: "m",
        MediaRegion: "eu-central-1",
        MediaPlacement: { AudioHostUrl: "a.example:3478", SignalingUrl: "wss://signal.example/control/m" },
      };
      const attendee = { AttendeeId: "a", ExternalUserId: "somebody", JoinToken: "t" };
      const configuration = new library.MeetingSessionConfiguration(
        { Meeting: meeting },
        { Attendee: attendee },
      );
      const logger = new library.NoOpLogger();
      const devices = new library.DefaultDeviceController(logger);
      const { audioVideo } = new library.DefaultMeetingSession(configuration, logger, devices);
      return [typeof audioVideo.start, library.MeetingSessionStatusCode.AudioJoinedFromAnotherDevice];
    }, "/amazon-chime-sdk.js"),
  ).toEqual(["function", 2]);
  expect(faults).toEqual([]);
  await context.close();
});

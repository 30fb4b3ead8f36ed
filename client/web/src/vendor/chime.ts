/** What calls over Amazon Chime take of its library, as a file of its own: build-vendor.ts. */
export {
  DefaultDeviceController,
  DefaultMeetingSession,
  MeetingSessionConfiguration,
  MeetingSessionStatusCode,
  NoOpLogger,
} from "amazon-chime-sdk-js";

import type { BackendName } from "../../../core/domain/call/state.ts";
import type { BackendJoin } from "../../../core/protocol/call.ts";
import { systemClock } from "../lib/clock.ts";
import type { Visit } from "../visit/types.ts";
import { browserPeers } from "./browser-peer.ts";
import { browserTakes } from "./browser-take.ts";
import type { CallLink, LinkHost } from "./call-link.ts";
import { CallRecorder } from "./call-recorder.ts";
import { ChimeLink } from "./chime-link.ts";
import { type ChimeLibrary, openChimeMeeting } from "./chime-meeting.ts";
import { browserDevices } from "./devices.ts";
import { LiveCall } from "./live-call.ts";
import { type MediasoupLibrary, openMediasoup } from "./mediasoup-device.ts";
import type { MediasoupEndHost } from "./mediasoup-end.ts";
import { MediasoupLink } from "./mediasoup-link.ts";
import { PeerLink } from "./peer-link.ts";
import { sceneOf } from "./scene.ts";
import type { Call, CallOptions } from "./types.ts";

/** What only some calls need. It is loaded when one does; a page that gives none takes no part in such calls. */
export interface CallLibraries {
  /** `() => import("amazon-chime-sdk-js")`, for calls over Amazon Chime. */
  readonly chime?: () => Promise<ChimeLibrary>;
  /** `() => import("mediasoup-client")`, for calls over a media server of the clinic's own. */
  readonly mediasoup?: () => Promise<MediasoupLibrary>;
}

/** Joins the call of a visit, in a browser. */
export function joinCall(visit: Visit, options: CallOptions = {}, libraries: CallLibraries = {}): Call {
  const { chime, mediasoup } = libraries;
  const backends: readonly BackendName[] = [
    ...(chime ? ["chime" as const] : []),
    ...(mediasoup ? ["mediasoup" as const] : []),
    "peer",
  ];
  const call = new LiveCall({
    ...{ visit, options, backends },
    devices: browserDevices,
    openLink: (join, host) => openLink(join, host, libraries),
    clock: systemClock,
  });
  recordWhenAsked(visit, call);
  return call;
}

/** For as long as one is in the call, the room may have this browser record it. */
function recordWhenAsked(visit: Visit, call: Call): void {
  const begin = browserTakes({
    get scene() {
      return sceneOf(call.snapshot, visit.snapshot.held);
    },
    on: (changed) => {
      const stops = [call.on("change", changed), visit.on("change", changed)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  });
  const { snapshot, recorder: room } = visit;
  const recorder = new CallRecorder({ me: snapshot.me, room, begin, clock: systemClock }, snapshot.recording);
  const stop = call.on("change", ({ status }) => {
    if (status !== "ended") return;
    stop();
    recorder.close();
  });
}

/** One place for each backend. */
function openLink(join: BackendJoin, host: LinkHost, { chime, mediasoup }: CallLibraries): CallLink {
  switch (join.backend) {
    case "peer": {
      const makePeer = browserPeers(join.iceServers);
      return new PeerLink({ host, makePeer, polite: join.polite, clock: systemClock });
    }
    case "chime": {
      if (!chime) throw new Error("Nobody said that this page can take part in such a call.");
      const open = async () => openChimeMeeting(await chime(), join);
      return new ChimeLink({ host, join, open, clock: systemClock });
    }
    case "mediasoup": {
      if (!mediasoup) throw new Error("Nobody said that this page can take part in such a call.");
      const open = async (end: MediasoupEndHost) => openMediasoup(await mediasoup(), join, end);
      return new MediasoupLink({ host, join, open, clock: systemClock });
    }
  }
}

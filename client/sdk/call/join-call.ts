import type { BackendJoin } from "../../../core/protocol/call.ts";
import { systemClock } from "../lib/clock.ts";
import type { Visit } from "../visit/types.ts";
import { browserPeers } from "./browser-peer.ts";
import type { CallLink, LinkHost } from "./call-link.ts";
import { browserDevices } from "./devices.ts";
import { LiveCall } from "./live-call.ts";
import { PeerLink } from "./peer-link.ts";
import type { Call, CallOptions } from "./types.ts";

/** Joins the call of a visit, in a browser. */
export function joinCall(visit: Visit, options: CallOptions = {}): Call {
  return new LiveCall({
    visit,
    options,
    devices: browserDevices,
    backends: ["peer"],
    openLink,
    clock: systemClock,
  });
}

/** One place for each backend. */
function openLink(join: BackendJoin, host: LinkHost): CallLink {
  switch (join.backend) {
    case "peer": {
      const makePeer = browserPeers(join.iceServers);
      return new PeerLink({ host, makePeer, polite: join.polite, clock: systemClock });
    }
    case "chime":
      throw new Error("It was not said that this page can take part in such a call.");
  }
}

import type { DeviceKind, Devices } from "../call/devices.ts";
import { LiveCall } from "../call/live-call.ts";
import { MediasoupLink } from "../call/mediasoup-link.ts";
import { PeerLink } from "../call/peer-link.ts";
import type { CallOptions } from "../call/types.ts";
import { memoryOutboxStore } from "../chat/outbox-store.ts";
import { LiveVisit } from "../visit/live-visit.ts";
import { FakeNetwork, FakePeer } from "./fake-peer.ts";
import { FakeTrack } from "./fake-track.ts";
import { ManualClock, settle } from "./manual-clock.ts";
import { StubVisit } from "./stub-visit.ts";

/** Devices that are there unless they have a fault. */
export class FakeDevices implements Devices {
  readonly opened: {
    readonly kind: DeviceKind | "screen";
    readonly device: string | null;
    readonly track: FakeTrack;
  }[] = [];
  fault: string | null = null;
  /** Whether cameras that are opened can blur. */
  blurs = false;

  async open(kind: DeviceKind, device: string | null): Promise<MediaStreamTrack> {
    return this.give(kind, device);
  }

  async screen(): Promise<MediaStreamTrack> {
    return this.give("screen", null);
  }

  last(kind: DeviceKind | "screen"): FakeTrack {
    const found = this.opened.findLast((one) => one.kind === kind);
    if (!found) throw new Error(`No ${kind} was opened.`);
    return found.track;
  }

  private give(kind: DeviceKind | "screen", device: string | null): FakeTrack {
    if (this.fault !== null) throw new DOMException("", this.fault);
    const track = new FakeTrack(kind === "microphone" ? "audio" : "video");
    if (kind === "camera" && this.blurs) track.blur = false;
    this.opened.push({ kind, device, track });
    return track;
  }
}

/** A visit with a patient ("me") and a clinician inside, and a way between their browsers. */
export class CallScene {
  readonly room = new StubVisit();
  readonly clock = new ManualClock();
  readonly network = new FakeNetwork();
  readonly peers: FakePeer[] = [];

  constructor() {
    this.room.people.set("me", { role: "patient", admission: "admitted" });
  }

  /** Somebody's page, in the visit and in its call. */
  async joins(person: string, options: CallOptions = {}) {
    const { room, clock, network, peers } = this;
    const visit = new LiveVisit({
      id: "demo",
      me: person,
      open: room.open(person),
      store: async () => undefined,
      chat: {
        scope: { origin: "https://hugmedo.example", person, chat: "consultation/demo" },
        history: room.conversation.history,
        store: memoryOutboxStore(),
      },
      clock,
      hints: () => () => undefined,
      closed: () => undefined,
    });
    await settle();
    room.show();
    const devices = new FakeDevices();
    const call = new LiveCall({
      ...{ visit, options, devices, clock },
      backends: ["mediasoup", "peer"],
      openLink: (join, host) => {
        const { sfu } = room.call;
        if (join.backend === "mediasoup" && sfu)
          return new MediasoupLink({ host, join, clock, open: async (end) => sfu.end(person, end) });
        return new PeerLink({
          ...{ host, clock },
          polite: join.backend === "peer" && join.polite,
          makePeer: (peerHost) => {
            const peer = new FakePeer(`${person}${peers.length}`, network, peerHost);
            peers.push(peer);
            return peer;
          },
        });
      },
    });
    await settle();
    return { visit, call, devices };
  }

  /** Patient and clinician, who see and hear each other. */
  async two() {
    const doctor = await this.joins("clinician");
    const patient = await this.joins("me");
    await this.clock.advance(100);
    return { doctor, patient };
  }

  /** Peers that are not closed. */
  get open(): readonly FakePeer[] {
    return this.peers.filter(({ signalingState }) => signalingState !== "closed");
  }
}

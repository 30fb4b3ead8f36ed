import type { MakePeer, Peer, PeerHost, PeerSender, StreamName } from "./peer.ts";
import { type Counters, countersOf, sampleOf } from "./peer-stats.ts";

/** Both ends have it from the start, so that there is something to connect where nobody sends anything yet. */
const channel = { negotiated: true, id: 0 };

/** Peers of the browser's. */
export function browserPeers(iceServers: readonly RTCIceServer[]): MakePeer {
  return (host) => new BrowserPeer({ iceServers: [...iceServers] }, host);
}

class BrowserPeer implements Peer {
  private readonly connection: RTCPeerConnection;
  private readonly streams = { main: new MediaStream(), screen: new MediaStream() };
  private counted: Counters | null = null;

  constructor(configuration: RTCConfiguration, host: PeerHost) {
    const connection = new RTCPeerConnection(configuration);
    connection.createDataChannel("hugmedo", channel);
    connection.addEventListener("negotiationneeded", () => host.negotiationNeeded());
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate) host.candidate(candidate.toJSON());
    });
    connection.addEventListener("track", ({ track, streams: [stream] }) =>
      host.track(track, stream?.id ?? ""),
    );
    connection.addEventListener("connectionstatechange", () =>
      host.connectionState(connection.connectionState),
    );
    this.connection = connection;
  }

  get signalingState(): RTCSignalingState {
    return this.connection.signalingState;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.connection.connectionState;
  }

  get localDescription(): RTCSessionDescriptionInit | null {
    return this.connection.localDescription;
  }

  streamId(name: StreamName): string {
    return this.streams[name].id;
  }

  add(track: MediaStreamTrack, stream: StreamName): PeerSender {
    const sender = this.connection.addTrack(track, this.streams[stream]);
    return { replace: (next) => sender.replaceTrack(next) };
  }

  setLocalDescription(): Promise<void> {
    return this.connection.setLocalDescription();
  }

  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    return this.connection.setRemoteDescription(description);
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.connection.addIceCandidate(candidate);
  }

  restartIce(): void {
    this.connection.restartIce();
  }

  async measure() {
    const now = countersOf(await this.connection.getStats());
    const sample = sampleOf(this.counted, now, this.connection.connectionState === "connected");
    this.counted = now;
    return sample;
  }

  level(): number {
    const sources = this.connection
      .getReceivers()
      .flatMap((receiver) => (receiver.track.kind === "audio" ? receiver.getSynchronizationSources() : []));
    return Math.max(0, ...sources.map(({ audioLevel }) => audioLevel ?? 0));
  }

  close(): void {
    this.connection.close();
  }
}

import { Lane } from "../lib/lane.ts";
import type { Peer } from "./peer.ts";
import type { PeerMessage } from "./peer-message.ts";

export type NegotiationMessage = Extract<PeerMessage, { readonly kind: "offer" | "answer" | "candidate" }>;
type Description = Extract<PeerMessage, { readonly kind: "offer" | "answer" }>;

/**
 * Perfect negotiation: both ends may make an offer at any time. Where two offers meet, the polite end takes its own
 * back. Each offer has a number, so that an answer to another one, as it may come when messages were lost and said
 * again, is not taken for its own.
 */
export class Negotiation {
  private readonly peer: Peer;
  private readonly polite: boolean;
  private readonly send: (message: NegotiationMessage) => void;
  private readonly incoming = new Lane();
  private making = false;
  private ignoring = false;
  private offers = 0;
  /** To the last offer that was taken. */
  private answer: Description | null = null;

  constructor(peer: Peer, polite: boolean, send: (message: NegotiationMessage) => void) {
    this.peer = peer;
    this.polite = polite;
    this.send = send;
  }

  /** Something has to be agreed upon. */
  async offer(): Promise<void> {
    if (this.peer.signalingState !== "stable") return;
    this.making = true;
    try {
      await this.peer.setLocalDescription();
      this.offers += 1;
      this.sayOffer();
    } finally {
      this.making = false;
    }
  }

  /** What was said may be lost: an offer without an answer is made again. */
  repeat(): void {
    this.sayOffer();
  }

  candidate(candidate: RTCIceCandidateInit): void {
    this.send({ kind: "candidate", candidate });
  }

  /** One message after another: two offers at once would be answered by one answer and a new offer. */
  take(message: NegotiationMessage): Promise<void> {
    return this.incoming.run(() => {
      if (message.kind === "candidate") return this.takeCandidate(message.candidate);
      return message.kind === "answer" ? this.takeAnswer(message) : this.takeOffer(message);
    });
  }

  private async takeOffer({ offer, sdp }: Description): Promise<void> {
    if (this.answer?.offer === offer) {
      // It was said again before the answer arrived, and so was not ready for an offer of ours.
      this.send(this.answer);
      this.sayOffer();
      return;
    }
    const collides = this.making || this.peer.signalingState !== "stable";
    this.ignoring = !this.polite && collides;
    if (this.ignoring) return;
    await this.peer.setRemoteDescription({ type: "offer", sdp });
    try {
      await this.peer.setLocalDescription();
    } catch (error) {
      // So that the same offer can be taken once more.
      await this.peer.setRemoteDescription({ type: "rollback" });
      throw error;
    }
    const answer = this.peer.localDescription;
    if (answer?.type !== "answer") return;
    this.answer = { kind: "answer", offer, ...this.said(answer) };
    this.send(this.answer);
  }

  private async takeAnswer({ offer, sdp }: Description): Promise<void> {
    if (offer !== this.offers || this.peer.signalingState !== "have-local-offer") return;
    await this.peer.setRemoteDescription({ type: "answer", sdp });
  }

  /** One of an offer that is ignored is of no use, and may be refused. */
  private async takeCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    try {
      await this.peer.addIceCandidate(candidate);
    } catch (error) {
      if (!this.ignoring) throw error;
    }
  }

  /** Nothing, where it was taken back meanwhile. */
  private sayOffer(): void {
    if (this.peer.signalingState !== "have-local-offer") return;
    const offer = this.peer.localDescription;
    if (offer?.type === "offer") this.send({ kind: "offer", offer: this.offers, ...this.said(offer) });
  }

  private said({ sdp = "" }: RTCSessionDescriptionInit) {
    return { sdp, screen: this.peer.streamId("screen") };
  }
}

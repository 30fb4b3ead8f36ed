import type { Offered } from "../../../core/protocol/mediasoup.ts";
import { Lane } from "../lib/lane.ts";
import { type LinkHost, type Slot, slots } from "./call-link.ts";
import type { Incoming, MediasoupEnd } from "./mediasoup-end.ts";
import type { MediasoupRequests } from "./mediasoup-requests.ts";
import { type Counters, countersOf, noCounters } from "./peer-stats.ts";

export interface ReceiverParts {
  readonly host: Pick<LinkHost, "track" | "sending">;
  readonly requests: Pick<MediasoupRequests, "consume" | "watch">;
}

/** Something that somebody gives, on its way here, or here. */
interface Taken {
  readonly offer: Offered;
  incoming: Incoming | null;
  /** What it is called where one says whether it is looked at. */
  consumer: string | null;
}

/** What was received of somebody. */
export interface Heard {
  readonly counters: Counters;
  /** Something should come from them at this moment. */
  readonly due: boolean;
}

/** Takes everything that the others give, and tells what that is of the people whom the room names. */
export class MediasoupReceiver {
  private readonly parts: ReceiverParts;
  private readonly taken = new Map<string, Taken>();
  private end: MediasoupEnd | null = null;
  private readonly lane = new Lane();
  private present: readonly string[] = [];
  private pictures = true;
  /** null: it has not been said. */
  private offered: readonly Offered[] | null = null;

  constructor(parts: ReceiverParts) {
    this.parts = parts;
  }

  people(present: readonly string[]): void {
    const fresh = present.filter((person) => !this.present.includes(person));
    this.present = present;
    for (const person of fresh) this.show(person);
  }

  /** Whether pictures and screens are to come. What is not looked at is not sent here; it is looked at again at once. */
  wantPictures(on: boolean): void {
    if (on === this.pictures) return;
    this.pictures = on;
    for (const taken of this.taken.values()) if (taken.offer.slot !== "audio") this.watch(taken);
  }

  /** From now on over this end. */
  serve(end: MediasoupEnd): void {
    this.end = end;
    for (const offer of this.offered ?? []) this.take(offer);
  }

  /** Everything that the others give at this moment. */
  offers(offered: readonly Offered[]): void {
    this.offered = offered;
    for (const [producer, { offer, incoming }] of this.taken) {
      if (offered.some((one) => one.producer === producer)) continue;
      this.taken.delete(producer);
      incoming?.close();
      this.tell(offer, null);
    }
    for (const offer of offered) this.take(offer);
    for (const person of this.present) this.tellSending(person);
  }

  /** What came from each of the others, all in all. */
  async measure(): Promise<ReadonlyMap<string, Heard>> {
    const heard = this.present.map(async (person) => {
      const mine = [...this.taken.values()].filter(({ offer }) => offer.person === person);
      const reports = mine.map(({ incoming }) => incoming?.getStats().then(countersOf, () => noCounters));
      const counters = (await Promise.all(reports)).flatMap((one) => one ?? []);
      const due = mine.some(({ offer, incoming }) => incoming !== null && this.flows(offer));
      return [person, { counters: counters.reduce(sum, noCounters), due }] as const;
    });
    return new Map(await Promise.all(heard));
  }

  stop(): void {
    this.end = null;
  }

  private take(offer: Offered): void {
    const { end } = this;
    if (!end || this.taken.has(offer.producer)) return;
    const taken: Taken = { offer, incoming: null, consumer: null };
    this.taken.set(offer.producer, taken);
    // What is not there any more is in no later offer; what is, is asked for again then.
    this.fetch(end, taken).catch(() => this.wanted(taken) && this.taken.delete(offer.producer));
  }

  private async fetch(end: MediasoupEnd, taken: Taken): Promise<void> {
    const { requests } = this.parts;
    const { offer } = taken;
    const consumed = await requests.consume(offer.producer, end.rtpCapabilities);
    if (!this.wanted(taken)) return;
    const incoming = await end.consume(consumed);
    if (!this.wanted(taken)) return incoming.close();
    taken.incoming = incoming;
    this.tell(offer, incoming.track);
    taken.consumer = consumed.consumer;
    this.watch(taken);
  }

  /** One after the other, so that the last word counts. */
  private watch({ consumer, offer }: Taken): void {
    if (consumer === null) return;
    void this.lane
      .run(() => this.parts.requests.watch(consumer, { on: this.looksAt(offer) }))
      .catch(() => undefined);
  }

  private looksAt({ slot }: Offered): boolean {
    return this.pictures || slot === "audio";
  }

  private wanted(taken: Taken): boolean {
    return this.end !== null && this.taken.get(taken.offer.producer) === taken;
  }

  private flows({ producer }: Offered): boolean {
    const now = this.offered?.find((one) => one.producer === producer);
    return now !== undefined && !now.paused && this.looksAt(now);
  }

  private show(person: string): void {
    for (const { offer, incoming } of this.taken.values())
      if (offer.person === person && incoming) this.tell(offer, incoming.track);
    this.tellSending(person);
  }

  private tell({ person, slot }: Offered, track: MediaStreamTrack | null): void {
    if (this.present.includes(person)) this.parts.host.track(person, slot, track);
  }

  private tellSending(person: string): void {
    const { offered } = this;
    if (!offered) return;
    const gives = (slot: Slot) =>
      offered.some((one) => one.person === person && one.slot === slot && !one.paused);
    const [audio, video, screen] = slots.map(gives);
    this.parts.host.sending(person, {
      audio: audio === true,
      video: video === true,
      screen: screen === true,
    });
  }
}

function sum(a: Counters, b: Counters): Counters {
  return { ...a, received: a.received + b.received, lost: a.lost + b.lost };
}

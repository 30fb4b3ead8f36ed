import { Emitter } from "../lib/emitter.ts";
import { changed, keep } from "../lib/keep.ts";
import type { Caption } from "./call-link.ts";
import { CallPeople } from "./call-people.ts";
import { type CallFacts, othersIn, reasonOf, statusOf } from "./call-status.ts";
import { heard } from "./captions.ts";
import type { CallEvents, CallSnapshot, OwnMediaView } from "./types.ts";

/** What the picture of a call is made of, beside the others in it. */
export interface CallStand extends Omit<CallFacts, "people"> {
  readonly elsewhere: boolean;
  readonly backend: string | null;
  readonly me: OwnMediaView;
}

/** What is shown of a call: put together anew with every change, and told where it differs. */
export class CallPicture {
  readonly people: CallPeople;
  private readonly emitter = new Emitter<CallEvents>();
  private readonly stand: () => CallStand;
  private captions: readonly Caption[] = [];
  private shown = emptyCall;

  constructor(stand: () => CallStand) {
    this.stand = stand;
    this.people = new CallPeople(() => this.show());
  }

  get snapshot(): CallSnapshot {
    return this.shown;
  }

  on<K extends keyof CallEvents>(name: K, listener: (value: CallEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  caption(caption: Caption): void {
    this.captions = heard(this.captions, caption);
    this.show();
  }

  show(): void {
    const { elsewhere, backend, me, ...facts } = this.stand();
    const pictures = !me.voiceOnly && !me.savingPictures;
    const people = this.people.view(othersIn(facts.visit), this.shown.people, pictures);
    const picture = changed(this.shown, {
      ...{ elsewhere, backend, people, captions: this.captions },
      status: statusOf({ ...facts, people }),
      reason: keep(this.shown.reason, reasonOf(facts)),
      me: changed(this.shown.me, me),
    });
    if (picture === this.shown) return;
    this.shown = picture;
    this.emitter.emit("change", picture);
  }
}

const noDevice = { on: false, opening: false, track: null, device: null, fault: null };

/** Before anything is known. */
const emptyCall: CallSnapshot = {
  status: "idle",
  reason: null,
  elsewhere: false,
  backend: null,
  me: {
    ...{ microphone: noDevice, camera: noDevice, screen: null, mutedByClinician: false },
    ...{ blur: null, unblurred: false, voiceOnly: false, savingVideo: false, savingPictures: false },
  },
  people: [],
  captions: [],
};

import type { BrowserContext, Page } from "playwright-core";
import type { Clinic, View } from "./clinic.ts";
import { eventually, visible } from "./expect.ts";
import { personAt } from "./waiting-rooms.ts";

declare global {
  interface Window {
    /** Every connection that the page has made, kept by `watchPeers`. */
    peers: RTCPeerConnection[];
  }
}

export interface Caller {
  readonly context: BrowserContext;
  readonly page: Page;
}

export interface CallerView extends View {
  /** All that they send goes through a TURN server. */
  readonly relayOnly?: boolean;
}

/** What has arrived by now over the connections of a page that are open. */
export interface Received {
  readonly connections: number;
  readonly frames: number;
  readonly audio: number;
  readonly energy: number;
}

/** Somebody with a camera and a microphone that the page may use, in front of a visit. */
export async function callerAt(
  clinic: Clinic,
  person: string,
  visit: string,
  view: CallerView = {},
): Promise<Caller> {
  return personAt(clinic, person, `/visits/${visit}`, withDevices(view));
}

/** The same for somebody who was invited: they have knocked. */
export async function guestAt(
  clinic: Clinic,
  code: string,
  name: string,
  view: CallerView = {},
): Promise<Caller> {
  const guest = await clinic.stranger(`/join/${code}`, withDevices(view));
  guest.page.setDefaultTimeout(20_000);
  await guest.page.getByLabel("Your name").fill(name);
  await guest.page.getByRole("button", { name: "Come to the door" }).click();
  await guest.page.getByRole("button", { name: "Knock" }).click();
  return guest;
}

function withDevices({ relayOnly = false, ...view }: CallerView): View {
  const prepare = async (context: BrowserContext) => {
    await context.grantPermissions(["camera", "microphone"]);
    await context.addInitScript(watchPeers, relayOnly);
    await context.addInitScript(takeSmallPictures);
  };
  return { ...view, prepare };
}

/** Keeps every connection that the page makes; with `relayOnly` all that it sends goes through a TURN server. */
function watchPeers(relayOnly: boolean): void {
  const Browsers = RTCPeerConnection;
  window.peers = [];
  window.RTCPeerConnection = class extends Browsers {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, ...(relayOnly && { iceTransportPolicy: "relay" }) });
      window.peers.push(this);
    }
  };
}

/** The processor codes and paints everybody's pictures here. */
function takeSmallPictures(): void {
  const take = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = ({ video, ...rest } = {}) => {
    if (typeof video !== "object") return take({ ...rest, ...(video !== undefined && { video }) });
    return take({ ...rest, video: { ...video, width: 320, height: 240 } });
  };
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const open = window.peers.filter(({ signalingState }) => signalingState !== "closed");
    const reports = await Promise.all(open.map((peer) => peer.getStats()));
    const sums = { connections: open.length, frames: 0, audio: 0, energy: 0 };
    for (const report of reports) {
      for (const stat of report.values()) {
        if (stat.type !== "inbound-rtp") continue;
        if (stat.kind === "video") sums.frames += stat.framesDecoded ?? 0;
        else {
          sums.audio += stat.packetsReceived ?? 0;
          sums.energy += stat.totalAudioEnergy ?? 0;
        }
      }
    }
    return sums;
  });
}

/** What has arrived of somebody by now, in the picture and the voice that the page plays. */
export interface ReceivedOf {
  readonly frames: number;
  readonly audio: number;
  readonly energy: number;
}

/** The same of each of the others, by who it is. */
export function receivedOf(page: Page): Promise<Readonly<Record<string, ReceivedOf>>> {
  return page.evaluate(async () => {
    const open = window.peers.filter(({ signalingState }) => signalingState !== "closed");
    const reports = await Promise.all(open.map((peer) => peer.getStats()));
    const stats = reports.flatMap((report) => [...report.values()]);
    const statOf = (element: HTMLMediaElement | null) => {
      const stream = element?.srcObject;
      const id = stream instanceof MediaStream ? stream.getTracks()[0]?.id : undefined;
      return stats.find((stat) => stat.type === "inbound-rtp" && stat.trackIdentifier === id);
    };
    const people = [...document.querySelectorAll<HTMLElement>("[data-person][data-kind=person]")];
    return Object.fromEntries(
      people.map((tile) => {
        const person = tile.dataset.person ?? "";
        const picture = statOf(tile.querySelector("video"));
        const voice = statOf(document.querySelector<HTMLAudioElement>(`audio[data-voice="${person}"]`));
        const { packetsReceived: audio = 0, totalAudioEnergy: energy = 0 } = voice ?? {};
        return [person, { frames: picture?.framesDecoded ?? 0, audio, energy }];
      }),
    );
  });
}

/** Picture and voice of each of the others arrive, from now on. */
export async function seesAndHearsAll({ page }: Caller, others: number): Promise<void> {
  let before: Readonly<Record<string, ReceivedOf>> = {};
  await eventually(async () => {
    const now = await receivedOf(page);
    const arrived = Object.entries(now).filter(([person, { frames, audio, energy }]) => {
      const old = before[person];
      return old && frames > old.frames + 5 && audio > old.audio + 10 && energy > old.energy;
    });
    // What is counted anew is measured anew.
    before = Object.fromEntries(
      Object.entries(now).map(([person, one]) => {
        const old = before[person];
        return [person, old && old.frames <= one.frames && old.audio <= one.audio ? old : one];
      }),
    );
    return arrived.length;
  }).toBe(others);
}

/** Picture and voice of the other arrive, from now on. */
export async function seesAndHears({ page }: Caller): Promise<void> {
  await visible(page.locator("[data-person][data-kind=person] video"));
  let before: Received | null = null;
  await eventually(async () => {
    const now = await received(page);
    // A connection that takes another's place counts from nothing.
    const anew = before === null || now.frames < before.frames || now.audio < before.audio;
    if (now.connections !== 1) before = null;
    else if (anew) before = now;
    return (
      before !== null &&
      now.frames > before.frames + 5 &&
      now.audio > before.audio + 10 &&
      now.energy > before.energy
    );
  }).toBe(true);
}

/** Presses Join, and resolves with how long it took until the other's first frame was painted (ms). */
export function firstFrameAfterJoining({ page }: Caller, label: string): Promise<number> {
  return page.evaluate(async (name) => {
    const button = [...document.querySelectorAll("button")].find(
      ({ textContent }) => textContent?.trim() === name,
    );
    if (!button) throw new Error(`There is no button "${name}".`);
    const start = performance.now();
    button.click();
    let watched: HTMLVideoElement | null = null;
    let painted = false;
    while (!painted && performance.now() - start < 60_000) {
      const video = document.querySelector<HTMLVideoElement>("[data-person][data-kind=person] video");
      // Another element may take the first one's place, which then paints nothing any more.
      if (video !== watched) {
        video?.requestVideoFrameCallback(() => {
          painted = true;
        });
        watched = video;
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    if (painted) return performance.now() - start;
    const peers = window.peers.map((one) => `${one.signalingState}/${one.connectionState}`).slice(-3);
    throw new Error(
      `No frame was painted. Video: ${watched !== null}; the last connections: ${peers.join()}`,
    );
  }, label);
}

import { between } from "../../durability/random.ts";
import type { Fault } from "./fault.ts";

const flapping = { share: 0.15, times: 4 };
/** Shorter than the silence after which a client gives a server up itself. */
const deafMs = 9_000;
const sentMeanwhile = 8 * 1024 * 1024;

export const flap: Fault = {
  on: "clients",
  strike: async ({ crowd }) => {
    const broken = await crowd.flap(flapping.share, flapping.times);
    if (broken === 0) throw new Error("there was no socket to break");
    return { text: `${broken} connections of clients were broken` };
  },
};

export const slowConsumer: Fault = {
  on: "clients",
  strike: async ({ crowd, random }) => {
    const sent = await crowd.deafen(between(random, 0, 100), deafMs, sentMeanwhile);
    if (sent === 0) throw new Error("nobody could be made deaf");
    return { text: `somebody read nothing for ${deafMs} ms, while they were sent ${sent} bytes` };
  },
};

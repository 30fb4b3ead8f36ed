import type { CallLibraries } from "../../../../sdk/index.ts";

/** Files beside the page's own script, made by build-vendor.ts. */
const chime = "/amazon-chime-sdk.js";
const mediasoup = "/mediasoup-client.js";

/** Loaded by calls that need them. */
export const callLibraries: CallLibraries = {
  chime: () => import(/* @vite-ignore */ chime),
  mediasoup: () => import(/* @vite-ignore */ mediasoup),
};

/** What the device says about itself. `awake`: it is worth looking now. */
export type NetworkHint = "awake" | "offline";

/** Calls back at every hint until the returned function is called. */
export type NetworkHints = (listener: (hint: NetworkHint) => void) => () => void;

/** The browser's own signs: the network came or went, the page is looked at again. Elsewhere there are none. */
export const deviceHints: NetworkHints = (listener) => {
  if (typeof window === "undefined" || typeof document === "undefined") return () => undefined;
  const until = new AbortController();
  const { signal } = until;
  const awake = () => listener("awake");
  window.addEventListener("online", awake, { signal });
  window.addEventListener("pageshow", awake, { signal });
  window.addEventListener("offline", () => listener("offline"), { signal });
  const seen = () => document.visibilityState === "visible" && awake();
  document.addEventListener("visibilitychange", seen, { signal });
  return () => until.abort();
};

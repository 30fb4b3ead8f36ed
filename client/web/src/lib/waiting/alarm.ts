import { playTone } from "./tone.ts";

const blinkMs = 1_500;
/** Gentle, and again while nobody answers. */
const buzz = [200, 120, 200];
const againMs = 15_000;

/**
 * Calls a patient who may be looking elsewhere: a soft sound, a gentle vibration where there is one, and the
 * title of the tab. Until the returned function is called.
 */
export function alarm(title: string): () => void {
  let before = document.title;
  const ring = () => {
    navigator.vibrate?.(buzz);
    playTone().catch(() => undefined);
  };
  const blink = () => {
    if (document.title === title) document.title = before;
    else {
      before = document.title;
      document.title = title;
    }
  };
  ring();
  blink();
  const timers = [setInterval(ring, againMs), setInterval(blink, blinkMs)];
  return () => {
    for (const timer of timers) clearInterval(timer);
    if (document.title === title) document.title = before;
    navigator.vibrate?.(0);
  };
}

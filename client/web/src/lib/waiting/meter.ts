import { levelOf } from "./devices.ts";

/** Tells how loud a microphone is, on every frame, until the returned function is called. */
export function meter(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let shown = 0;
  let frame = 0;
  const look = () => {
    analyser.getFloatTimeDomainData(samples);
    // Rises at once and falls slowly, so that the eye can follow.
    shown = Math.max(levelOf(samples), shown * 0.9);
    tell(shown);
    frame = requestAnimationFrame(look);
  };
  void context.resume();
  look();
  return () => {
    cancelAnimationFrame(frame);
    void context.close();
  };
}

/** Three rising notes (Hz), half a second in all. */
const notes = [523.25, 659.25, 783.99];
const noteSeconds = 0.18;
const patienceMs = 500;

/**
 * Plays three gentle notes. Resolves when they have sounded; rejects where the browser plays nothing, as it does
 * until the person has pressed something on the page.
 */
export async function playTone(): Promise<void> {
  const context = new AudioContext();
  try {
    if (context.state !== "running") await Promise.race([context.resume(), later(patienceMs)]);
    if (context.state !== "running") throw new Error("The browser plays no sound yet.");
    const start = context.currentTime;
    for (const [i, frequency] of notes.entries()) note(context, frequency, start + i * noteSeconds);
    await later((notes.length + 2) * noteSeconds * 1_000);
  } finally {
    void context.close();
  }
}

function note(context: AudioContext, frequency: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.3, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + noteSeconds * 2.5);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + noteSeconds * 2.5);
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

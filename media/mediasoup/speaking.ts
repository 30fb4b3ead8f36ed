import type { types } from "mediasoup";

/** Who speaks, and how loud each is (dBov). */
export interface Voices {
  readonly person: string | null;
  readonly levels: Readonly<Record<string, number>>;
}

const intervalMs = 500;
/** Softer is silence (dBov). */
const threshold = -60;

/** Hears who speaks in a session. */
export class Speaking {
  readonly #active: types.ActiveSpeakerObserver;
  readonly #levels: types.AudioLevelObserver;
  readonly #people = new Map<string, string>();
  #dominant: string | null = null;

  private constructor(
    active: types.ActiveSpeakerObserver,
    levels: types.AudioLevelObserver,
    changed: (voices: Voices) => void,
  ) {
    this.#active = active;
    this.#levels = levels;
    active.on("dominantspeaker", ({ producer }) => {
      this.#dominant = this.#people.get(producer.id) ?? null;
    });
    levels.on("volumes", (volumes) => {
      const heard = volumes.flatMap(({ producer, volume }) => {
        const person = this.#people.get(producer.id);
        return person === undefined ? [] : [[person, volume] as const];
      });
      const loudest = heard[0]?.[0] ?? null;
      const speaks = heard.some(([person]) => person === this.#dominant);
      changed({ person: speaks ? this.#dominant : loudest, levels: Object.fromEntries(heard) });
    });
    levels.on("silence", () => changed({ person: null, levels: {} }));
  }

  static async start(
    router: types.Router,
    maxEntries: number,
    changed: (voices: Voices) => void,
  ): Promise<Speaking> {
    const active = await router.createActiveSpeakerObserver({ interval: intervalMs });
    const levels = await router.createAudioLevelObserver({ maxEntries, threshold, interval: intervalMs });
    return new Speaking(active, levels, changed);
  }

  /** Hears this one too, until it is closed. */
  async hear(person: string, producer: types.Producer): Promise<void> {
    this.#people.set(producer.id, person);
    producer.observer.once("close", () => {
      this.#people.delete(producer.id);
      if (this.#dominant === person) this.#dominant = null;
    });
    await Promise.all([
      this.#active.addProducer({ producerId: producer.id }),
      this.#levels.addProducer({ producerId: producer.id }),
    ]);
  }
}

import type { Visit } from "../../../../sdk/types.ts";

/** What goes from page to page when somebody wishes to record. It is kept nowhere. */
type Ask = { readonly recording: "asked" | "declined" };

/** The question whether one may be recorded, from a clinician to the others in the call, and a no to it. A yes is their consent. */
export class RecordingAsks {
  readonly #visit: Visit;
  readonly #unsubscribe: () => void;
  #asked = $state(false);
  #asking = $state(false);
  #declined = $state.raw<readonly string[]>([]);
  #askedBy: string | null = null;

  constructor(visit: Visit) {
    this.#visit = visit;
    this.#unsubscribe = visit.call.on("signal", ({ from, data }) => this.#take(from, parseAsk(data)));
  }

  /** I am asked, and have not answered. */
  get asked(): boolean {
    return this.#asked;
  }

  /** I have asked the others. */
  get asking(): boolean {
    return this.#asking;
  }

  /** Those who said no since I asked them last. */
  get declined(): readonly string[] {
    return this.#declined;
  }

  /** Asks them all; resolves with those who could not be asked. */
  async ask(people: readonly string[]): Promise<readonly string[]> {
    this.#asking = true;
    this.#declined = [];
    const reached = await Promise.all(people.map((person) => this.#tell(person, { recording: "asked" })));
    return people.filter((_, at) => !reached[at]);
  }

  /** I have answered. */
  answer(yes: boolean): void {
    this.#asked = false;
    if (!yes && this.#askedBy) void this.#tell(this.#askedBy, { recording: "declined" });
  }

  /** It has come about, or is over. */
  settle(): void {
    this.#asking = false;
    this.#declined = [];
  }

  close(): void {
    this.#unsubscribe();
  }

  #take(from: string, ask: Ask | null): void {
    const sender = this.#visit.snapshot.participants.find(({ person }) => person === from);
    if (ask?.recording === "declined") this.#declined = [...new Set([...this.#declined, from])];
    if (ask?.recording !== "asked" || sender?.role !== "clinician") return;
    this.#askedBy = from;
    this.#asked = true;
  }

  #tell(person: string, ask: Ask): Promise<boolean> {
    const { call } = this.#visit;
    return call.signal(this.#visit.snapshot.call.n, ask, person).then(
      () => true,
      () => false,
    );
  }
}

function parseAsk(value: unknown): Ask | null {
  const said: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "recording") : null;
  return said === "asked" || said === "declined" ? { recording: said } : null;
}

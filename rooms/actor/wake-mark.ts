/**
 * When somebody has to wake the room if it sleeps, as the journal has it: what goes with an append, and what is
 * known of it once the append's outcome is.
 */
export class WakeMark {
  /** undefined: not known. */
  #written: number | null | undefined = undefined;
  #underWay: number | null | undefined = undefined;

  /** What the next append says of it: nothing, where the journal has it already. */
  next(at: number | null): { readonly due?: number | null } {
    if (at === this.#written) return {};
    this.#written = undefined;
    this.#underWay = at;
    return { due: at };
  }

  /** The append is durable. */
  landed(): void {
    if (this.#underWay !== undefined) this.#written = this.#underWay;
    this.#underWay = undefined;
  }

  /** The append did not go in, or nobody knows. */
  lost(): void {
    this.#underWay = undefined;
  }
}

/** Whose data goes. */
export interface Erased {
  readonly org: string;
  readonly person: string;
}

/**
 * Removes what one part keeps about a person beside the journal: index rows, files, read models. The person's key is gone
 * when it is called, so it must not need to read what it removes. It may be called again after a crash: what is gone stays gone. `held` is
 * what has to stay (`person/<id>`, `<room kind>/<id>`): throws `held` where some of it does, and is asked again.
 */
export interface Eraser {
  readonly name: string;
  erase(subject: Erased, held: ReadonlySet<string>): Promise<void>;
}

/** What one part keeps for a time that the organisation settles. */
export interface Retained {
  /** As the organisation's retention names it. */
  readonly kind: string;
  /**
   * Removes a slice of what is older than `time` (ms since the epoch), except what belongs to who or what is in `held`
   * (`person/<id>`, `<room kind>/<id>`). Returns how much it removed; 0: there is nothing left to remove.
   */
  removeBefore(org: string, time: number, held: ReadonlySet<string>): Promise<number>;
}

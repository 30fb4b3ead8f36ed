import type { EntryView } from "../../../../../sdk/types.ts";
import { followerOf, type Move, placeIn, stillBefore, withMove } from "../view/order.ts";

/**
 * A patient on the way to another place: `carried` by pointer or keys, then `asking` for the reason, then `sent`
 * until the list shows it. Only this is ever shown before the server has said so.
 */
export interface Carry extends Move {
  readonly name: string;
  readonly by: "pointer" | "keys";
  readonly phase: "carried" | "asking" | "sent";
  /** Where it was lifted from. */
  readonly from: { readonly place: number; readonly before: string | null };
}

/** A reply may come before the list that shows it. */
const settleMs = 1_500;

export class Reorder {
  #carry = $state.raw<Carry | null>(null);
  #settling: ReturnType<typeof setTimeout> | undefined;

  get carry(): Carry | null {
    return this.#carry;
  }

  /** The order as it would be. */
  shown(entries: readonly EntryView[]): readonly EntryView[] {
    return withMove(entries, this.#carry);
  }

  lift(entry: EntryView, entries: readonly EntryView[], by: Carry["by"]): void {
    clearTimeout(this.#settling);
    const before = followerOf(entries, entry.id);
    const place = placeIn(entries, entry.id) ?? entry.place;
    const { id, name } = entry;
    this.#carry = { entry: id, name, before, by, phase: "carried", from: { place, before } };
  }

  to(before: string | null): void {
    const carry = this.#carry;
    if (carry?.phase === "carried" && before !== carry.entry && before !== carry.before)
      this.#carry = { ...carry, before };
  }

  /** Puts it down: true where a reason is needed, as the place is another one. */
  drop(entries: readonly EntryView[]): boolean {
    const carry = this.#carry;
    if (carry?.phase !== "carried") return false;
    const moved = withMove(entries, carry) !== entries;
    this.#carry = moved ? { ...carry, phase: "asking" } : null;
    return moved;
  }

  cancel(): void {
    clearTimeout(this.#settling);
    this.#carry = null;
  }

  /** Keeps it where it was put while the server is asked; back it goes unless that is granted. */
  async send(work: (move: Move) => Promise<boolean>): Promise<boolean> {
    const carry = this.#carry;
    if (carry?.phase !== "asking") return false;
    const sent: Carry = { ...carry, phase: "sent" };
    this.#carry = sent;
    const granted = await work({ entry: carry.entry, before: carry.before });
    if (this.#carry?.entry !== sent.entry || this.#carry.phase !== "sent") return granted;
    if (granted) this.#settling = setTimeout(() => this.cancel(), settleMs);
    else this.cancel();
    return granted;
  }

  /** The list has changed underneath. Returns the name of who can no longer be moved. */
  follow(previous: readonly EntryView[], next: readonly EntryView[]): string | null {
    const carry = this.#carry;
    if (!carry || previous === next) return null;
    const entry = next.find(({ id }) => id === carry.entry);
    if (!entry || entry.status === "leaving") {
      this.cancel();
      return carry.phase === "sent" ? null : carry.name;
    }
    const before = stillBefore(previous, next, carry.before);
    const back = stillBefore(previous, next, carry.from.before);
    const moved: Carry = { ...carry, before, from: { ...carry.from, before: back } };
    if (carry.phase === "sent" && withMove(next, moved) === next) this.cancel();
    else this.#carry = moved;
    return null;
  }
}

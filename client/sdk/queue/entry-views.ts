import { entryStatuses, priorities } from "../../../core/domain/queue/state.ts";
import type { Touched } from "../connection/room-port.ts";
import { type Entries, listOf } from "../connection/state-parts.ts";
import { keep } from "../lib/keep.ts";
import { oneOf } from "../lib/one-of.ts";
import type { EntryStateLike } from "./queue-state.ts";
import type { EntryView } from "./types.ts";

/**
 * The entries of a queue as they were last read. An entry that is as it was stays the same object, and is not
 * even looked at where the state says what was touched: so a long queue costs little when one entry changes.
 */
export class EntryViews {
  private views: ReadonlyMap<string, EntryView> = new Map();
  private inOrder: readonly EntryView[] = [];

  /** In the order of ranks; the same list as before where nothing changed. */
  read(entries: Entries<EntryStateLike> | undefined, touched?: Touched): readonly EntryView[] {
    const read = listOf(entries, (entry, id) => {
      const before = this.views.get(id);
      return before && touched && !touched.has(entry) ? before : readEntry(entry, before);
    });
    const sorted = read.toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
    const placed = sorted.map((view, at) => (view.place === at + 1 ? view : { ...view, place: at + 1 }));
    const { inOrder } = this;
    if (placed.length === inOrder.length && placed.every((view, at) => view === inOrder[at])) return inOrder;
    this.views = new Map(placed.map((view) => [view.id, view]));
    this.inOrder = placed;
    return placed;
  }
}

/** In the place that it had: where it stands is known once all are read. */
function readEntry(entry: EntryStateLike, before: EntryView | undefined): EntryView {
  const { id, patient, name, reason, ready, rank, joinedAt, waitingSince, online, missed, longWait } = entry;
  const { identity, location, emergencyContact, by, byName, since } = entry;
  const view: EntryView = {
    id,
    patient,
    name,
    reason,
    language: entry.language || null,
    needs: entry.needs === "" ? [] : entry.needs.split("\n"),
    ready,
    checkIn: { identity, location, emergencyContact },
    priority: oneOf(priorities, entry.priority, "normal"),
    rank,
    place: before?.place ?? 0,
    status: oneOf(entryStatuses, entry.status, "waiting"),
    joinedAt,
    waitingSince,
    online,
    offlineSince: entry.offlineSince || null,
    by: by === "" ? null : { person: by, name: byName, at: since },
    missed,
    longWait,
    notice: entry.notice || null,
    returned: entry.returned || null,
    visit: entry.visit || null,
  };
  return before ? keep(before, view) : view;
}

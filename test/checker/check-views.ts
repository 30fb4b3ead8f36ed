import { isAsSent, sameValue } from "./check-commands.ts";
import type { Of, SeenEvent } from "./history.ts";
import { commandKey, type RoomHistory, type View } from "./room-history.ts";
import { type Violation, violation } from "./violation.ts";

/** What each member was shown is the stored order, whole, from the view's beginning to its end. */
export function checkViews(room: RoomHistory): Violation[] {
  const seqs = room.stored.map(({ event }) => event.seq).sort((a, b) => a - b);
  return room.views.flatMap((view) => [
    ...increasing(room, view),
    ...view.events.flatMap((shown) => matchesStore(room, shown)),
    ...whole(room, view, seqs),
    ...lastSeqStored(room, view, seqs.at(-1) ?? 0),
  ]);
}

function increasing(room: RoomHistory, view: View): Violation[] {
  return view.events.flatMap((shown, index) => {
    const before = view.events[index - 1];
    const least = before?.event.seq ?? view.after ?? -1;
    if (shown.event.seq > least) return [];
    const what = `${view.client} was shown ${shown.event.seq} after ${least}`;
    return violation(room, "reordered", what, [before, shown]);
  });
}

function matchesStore(room: RoomHistory, shown: Of<"event">): Violation[] {
  const { event, client } = shown;
  const sends = room.sends.get(commandKey(event.from, event.id));
  const stored = room.storedAt.get(event.seq);
  if (!sends && event.seq > room.baseline)
    return [
      violation(room, "invented", `${client} was shown ${event.id}, which nobody sent`, [shown, stored]),
    ];
  if (sends && !sends.some((send) => isAsSent(event, send)))
    return [
      violation(room, "invented", `${client} was shown ${event.id} altered`, [sends[0], shown, stored]),
    ];
  if (stored?.event.id !== event.id || stored.event.from !== event.from) {
    const what = `${client} was shown ${event.id} at ${event.seq}, where it is not stored`;
    const elsewhere = room.storedAs.get(commandKey(event.from, event.id))?.[0];
    return [violation(room, "seenBeforeCommit", what, [sends?.[0], shown, stored, elsewhere])];
  }
  if (sameFacts(event, stored.event)) return [];
  return [
    violation(room, "invented", `${client} was shown ${event.id} otherwise than it is stored`, [
      shown,
      stored,
    ]),
  ];
}

/** The link to the event before depends on the audience, and a body goes when the message is amended. */
function sameFacts(shown: SeenEvent, stored: SeenEvent): boolean {
  return [...new Set([...Object.keys(shown), ...Object.keys(stored)])].every(
    (field) =>
      field === "prev" ||
      sameValue(shown[field], stored[field]) ||
      (field === "body" && (shown[field] === null || stored[field] === null)),
  );
}

function whole(room: RoomHistory, view: View, seqs: readonly number[]): Violation[] {
  const shown = new Set(view.events.map(({ event }) => event.seq));
  const first = view.after ?? Math.min(...shown);
  const last = view.settled ? Number.POSITIVE_INFINITY : Math.max(...shown);
  const missing = seqs.filter((seq) => seq > first && seq <= last && !shown.has(seq));
  const [hole] = missing;
  if (hole === undefined) return [];
  const before = view.events.findLast(({ event }) => event.seq < hole);
  const after = view.events.find(({ event }) => event.seq > hole);
  const what = `${view.client} was never shown ${hole}${missing.length > 1 ? ` and ${missing.length - 1} more` : ""}`;
  return [
    violation(room, "gap", what, [before, after ?? view.settled ?? undefined, room.storedAt.get(hole)]),
  ];
}

function lastSeqStored(room: RoomHistory, view: View, end: number): Violation[] {
  const beyond = view.states.find((state) => (state.lastSeq ?? 0) > end);
  if (!beyond) return [];
  const what = `${view.client} was shown lastSeq ${beyond.lastSeq}, but the room ends at ${end}`;
  return [violation(room, "seenBeforeCommit", what, [beyond])];
}

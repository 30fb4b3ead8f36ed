import type { BoardSnapshot, DutyView, EntryView } from "../../../../../sdk/types.ts";

/** A patient who waits, is ready and is present, for tests. */
export function entryAt(place: number, more: Partial<EntryView> = {}): EntryView {
  return {
    id: `entry-${place}`,
    patient: `patient-${place}`,
    name: `Patient ${place}`,
    reason: "Cough",
    language: "en",
    needs: [],
    ready: true,
    checkIn: { identity: "", location: "", emergencyContact: "" },
    priority: "normal",
    rank: String(place).padStart(8, "0"),
    place,
    status: "waiting",
    joinedAt: 0,
    waitingSince: 0,
    online: true,
    offlineSince: null,
    by: null,
    missed: 0,
    longWait: false,
    notice: null,
    returned: null,
    visit: null,
    ...more,
  };
}

export const entriesOf = (count: number): readonly EntryView[] =>
  Array.from({ length: count }, (_, i) => entryAt(i + 1));

export function dutyOf(person: string, more: Partial<DutyView> = {}): DutyView {
  return { person, name: person, status: "available", since: 0, clinician: true, visit: null, ...more };
}

/** A live, open queue run by "me". */
export function boardOf(entries: readonly EntryView[], more: Partial<BoardSnapshot> = {}): BoardSnapshot {
  return {
    status: "live",
    reason: null,
    queue: {
      id: "demo",
      title: "Demo",
      opening: "open",
      suspended: null,
      nextHours: null,
      asks: [],
      callSeconds: 120,
      expectedMinutes: 15,
      notices: [],
    },
    me: "me",
    entries,
    duty: [dutyOf("me")],
    staff: { me: "me" },
    departed: [],
    ...more,
  };
}

import type { Deadline, DeadlineKind, Entry, QueueSettings, QueueState } from "./state.ts";

/** How long a transfer may be under way before it is called back; it is then tried again ever more rarely. */
export const transferMs = 30_000;
const longestRetryMs = 3_600_000;
/** After so many tries the pause is as long as it gets. */
const doublings = Math.floor(Math.log2(longestRetryMs / transferMs));

/** Orders deadlines by time; unique as an entry has one at most of a kind. */
export function deadlineKey({ at, kind, entry }: Deadline): string {
  return `${String(at).padStart(15, "0")} ${kind} ${entry ?? ""}`;
}

/** The next thing that happens to an entry by itself; null: nothing. */
export function entryDeadline(entry: Entry, settings: QueueSettings): Deadline | null {
  let soonest: Deadline | null = null;
  const consider = (from: number | null, seconds: number, kind: DeadlineKind): void => {
    if (from === null) return;
    const at = from + seconds * 1_000;
    if (!soonest || at < soonest.at) soonest = { at, kind, entry: entry.id };
  };
  if (entry.leaving) {
    const { since, tries } = entry.leaving;
    const wait = transferMs * 2 ** Math.min(tries, doublings);
    const more = longestRetryMs * Math.max(0, tries - doublings);
    return { at: since + wait + more, kind: "recall", entry: entry.id };
  }
  const { status, offlineSince, awaySince, call, hold, missedAt, longWait, waitingSince } = entry;
  if (status === "called") consider(call?.at ?? null, settings.callSeconds, "unanswered");
  if (status === "waiting" || status === "confirmed") consider(offlineSince, settings.graceSeconds, "away");
  if (status === "waiting") consider(missedAt, settings.noShowSeconds, "noShow");
  if (status === "away") consider(awaySince, settings.awaySeconds, "release");
  if (status === "held") consider(hold?.at ?? null, settings.holdSeconds, "resume");
  if (!longWait && status !== "called" && status !== "confirmed") {
    consider(waitingSince, settings.longWaitSeconds, "longWait");
  }
  return soonest;
}

/** What the queue as a whole does by itself. */
export function queueDeadlines(
  state: Pick<QueueState, "nextHours" | "suspended" | "clearAt">,
): readonly Deadline[] {
  const { nextHours, suspended, clearAt } = state;
  const dues: Deadline[] = [];
  if (nextHours !== null) dues.push({ at: nextHours, kind: "hours", entry: null });
  if (suspended && suspended.until !== null) {
    dues.push({ at: suspended.until, kind: "unsuspend", entry: null });
  }
  if (clearAt !== null) dues.push({ at: clearAt, kind: "clear", entry: null });
  return dues;
}

type Keyed = readonly [string, Deadline];

export function queueDeadlineKeys(
  state: Pick<QueueState, "nextHours" | "suspended" | "clearAt">,
): readonly Keyed[] {
  return queueDeadlines(state).map((deadline) => [deadlineKey(deadline), deadline]);
}

/** The deadlines of all entries. */
export function allDeadlines(state: Pick<QueueState, "entries" | "settings">): readonly Keyed[] {
  return [...state.entries.values()].flatMap((entry) => {
    const deadline = entryDeadline(entry, state.settings);
    return deadline ? [[deadlineKey(deadline), deadline] as const] : [];
  });
}

import { waitsOf } from "../../core/domain/queue/metrics.ts";
import { setBackBy } from "../../core/domain/queue/order.ts";
import { aheadOf, type Entry, entryOf, isReady, type QueueState } from "../../core/domain/queue/state.ts";
import {
  type CalledMessage,
  type EndedPlace,
  type PlaceMessage,
  queueMessages,
} from "../../core/protocol/queue.ts";
import type { Personal } from "../socket/room-view.ts";

type Message = Omit<Personal, "person">;

/** How a place ended is told to whoever comes back within so long. */
const rememberedMs = 24 * 3_600_000;
const noticesMs = 12 * 3_600_000;

/** What one patient is told of themselves at this moment. */
export function placeOf(
  state: QueueState,
  patient: string,
  moment: { readonly seq: number; readonly now: number; readonly waits: ReturnType<typeof waitsOf> },
): PlaceMessage {
  const { seq, now, waits } = moment;
  const entry = entryOf(state, patient);
  if (!entry) return noPlace(state, patient, seq, now);
  const ahead = aheadOf(state, entry);
  const wait = waits(ahead);
  const setBack = setBackBy(state, entry);
  return {
    seq,
    status: entry.status,
    entry: entry.id,
    place: ahead + 1,
    ahead,
    etaSeconds: wait === null ? null : Math.round(wait / 60_000) * 60,
    ready: isReady(state.settings, entry),
    joinedAt: entry.joinedAt,
    ...(setBack && { setBack: { why: setBack.why, at: setBack.at } }),
  };
}

function noPlace(state: QueueState, patient: string, seq: number, now: number): PlaceMessage {
  const none = { status: "none", entry: null, place: null, ahead: null, etaSeconds: null } as const;
  const message = { seq, ...none, ready: false, joinedAt: null };
  const last = state.departed.findLast((departure) => departure.patient === patient);
  if (!last || now - last.at > rememberedMs) return message;
  const { how, at, to, reason } = last;
  const ended: EndedPlace = { how, at, ...(to !== null && { to }), ...(reason !== null && { reason }) };
  return { ...message, ended };
}

export function calledMessage(state: QueueState, { id, call }: Entry): Message[] {
  if (!call) return [];
  const { name: by, at } = call;
  const answerBy = at + state.settings.callSeconds * 1_000;
  const payload: CalledMessage = { entry: id, by, at, answerBy };
  return [{ name: queueMessages.called, payload }];
}

export function admittedMessage(state: QueueState, patient: string): Message[] {
  const admitted = state.admitted[patient];
  if (!admitted) return [];
  const { visit, at } = admitted;
  return [{ name: queueMessages.admitted, payload: { visit, at } }];
}

/** Everything that a patient has to know when a connection of theirs is new. */
export function greeting(state: QueueState, patient: string, seq: number, now: number): Message[] {
  const entry = entryOf(state, patient);
  const place = placeOf(state, patient, { seq, now, waits: waitsOf(state, now) });
  const notices = state.notices
    .filter(({ at }) => now - at < noticesMs)
    .map(({ body, at }) => ({ body, at, personal: false }));
  if (entry?.notice) notices.push({ ...entry.notice, personal: true });
  return [
    { name: queueMessages.place, payload: place },
    ...(entry?.status === "called" ? calledMessage(state, entry) : []),
    ...admittedMessage(state, patient),
    ...notices.sort((a, b) => a.at - b.at).map((payload) => ({ name: queueMessages.notice, payload })),
  ];
}

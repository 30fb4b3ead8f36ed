import { call } from "../call/feature.ts";
import { consent } from "../consent/consent.ts";
import { type Behaviour, compose, type DomainEvent, mount } from "../feature.ts";
import { visit } from "../visit/feature.ts";
import { evolveRecording, isSeenByRecording } from "./evolve.ts";
import { initialRecording, type RecordingInVisit } from "./state.ts";

export const initialWithin: RecordingInVisit = {
  ...call.initial,
  consent: consent.initial,
  recording: initialRecording,
};

/** What a recording depends on. */
export const within: Behaviour<RecordingInVisit> = compose(initialWithin, [
  mount(visit, {
    get: (root: RecordingInVisit) => root.visit,
    set: (root, state) => ({ ...root, visit: state }),
  }),
  mount(call, {
    get: (root: RecordingInVisit) => root,
    set: (root, state) => ({ ...root, call: state.call }),
  }),
  mount(consent, {
    get: (root: RecordingInVisit) => root.consent,
    set: (root, state) => ({ ...root, consent: state }),
  }),
]);

/** How everything stands once these have happened. */
export function fold(
  state: RecordingInVisit,
  events: readonly DomainEvent[],
  at: number,
  by: string,
): RecordingInVisit {
  return events.reduce((before, event) => {
    const recorded = { seq: 0, at, by, event };
    const after = within.evolve(before, recorded);
    if (!isSeenByRecording(event)) return after;
    return { ...after, recording: evolveRecording(after, { ...recorded, event }) };
  }, state);
}

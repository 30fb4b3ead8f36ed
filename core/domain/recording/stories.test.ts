import fc from "fast-check";
import { expect, it } from "vitest";
import { consultationSnapshot } from "../../../rooms/consultation/consultation-snapshot.ts";
import { type ConsultationState, consultationBehaviour } from "../kinds.ts";
import { anna, ben, ito } from "../queue/testing/people.ts";
import { isInside } from "../visit/state.ts";
import type { RecordingFacts } from "./manifest.ts";
import { mayRun } from "./state.ts";
import { PlayedRecording } from "./testing/played-recording.ts";
import { agrees, missing } from "./who.ts";

const people = [ito, anna, ben] as const;

type Step = (play: PlayedRecording, a: number, b: number) => unknown;

function pick<T>(list: readonly T[], n: number): T {
  const one = list[n % list.length];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

const steps: Readonly<Record<string, Step>> = {
  join: (play, a) => play.call.join(pick(people, a)),
  leave: (play, a) => play.call.ask(pick(people, a), { name: "media.leave" }),
  come: (play, a) => play.call.come(pick(people, a)),
  go: (play, a) => play.call.go(pick(people, a)),
  agree: (play, a) => play.agree(pick(people, a)),
  withdraw: (play, a) => play.withdraw(pick(people, a)),
  start: (play) => play.start(ito),
  stop: (play) => play.stop(ito),
  report: (play, a, b) => play.report(pick(people, a), pick(["running", "stopped", "uploaded"], b)),
  lose: (play) => play.lose(),
  renew: (play) => play.renew(),
  answer: (play) => play.answer(),
  answerSome: (play, a) => play.answer(pick(["open", "record", "halt", "finish", "close"], a)),
  refuse: (play, a) => {
    const errand = play.room.errands[a % Math.max(1, play.room.errands.length)];
    return errand && play.settle(errand.id, false);
  },
  fail: (play, a) => play.call.fail(pick(people, a)),
  wait: (play, a) => {
    play.now += pick([100, 1_500, 5_000, 61_000], a);
  },
  fire: (play) => play.call.fire(),
  crash: (play) => play.call.crash(),
  knock: (play) => play.knock(ben),
  admit: (play) => play.admit(ito, ben),
  remove: (play) => play.call.ask(ito, { name: "visit.remove", participant: ben.id }),
  end: (play, a) => a % 8 === 0 && play.call.ask(ito, { name: "visit.end", outcome: "completed" }),
};

/** What is wrong with the recording as it stands. */
function faults({ room, state, running }: PlayedRecording): string[] {
  const { visit, call } = room.state;
  const { stage, current, halting, admissions } = state;
  const wrong: Readonly<Record<string, boolean>> = {
    "it is recorded although somebody has not agreed":
      (stage === "starting" || stage === "running") && missing(room.state).length > 0,
    "it is recorded although the call is not open":
      (stage === "starting" || stage === "running") && call.stage !== "open",
    "a stage without a recording, or a recording without a stage": (stage === "none") !== (current === null),
    "a recording outlives its visit": visit.phase === "ended" && current !== null && stage !== "stopping",
    "it waits for nothing": (stage === "pausing" || stage === "stopping") && halting.length === 0,
    "somebody waits for nothing": admissions.length > 0 && !mayRun(state),
    "a recorder runs of which the room knows nothing": running.some(
      (which) => !mayRun(state) && current !== null && which.startsWith(current.id),
    ),
  };
  return [...room.faults, ...Object.keys(wrong).filter((fault) => wrong[fault])];
}

/** Whoever came in, or into the call, by one event although a recorder ran and they had not agreed. */
function intruders(before: ConsultationState, after: ConsultationState): string[] {
  const seen = ({ visit, call }: ConsultationState) =>
    people.filter(({ id }) => isInside(visit, id) || Object.hasOwn(call.people, id)).map(({ id }) => id);
  const joined = Object.keys(after.call.people).filter((id) => !Object.hasOwn(before.call.people, id));
  const fresh = [...seen(after).filter((id) => !seen(before).includes(id)), ...joined];
  return mayRun(before.recording) ? fresh.filter((id) => !agrees(after.consent, id)) : [];
}

function isWhole({ from, to, intervals, gaps }: RecordingFacts): boolean {
  const parts = [...intervals, ...gaps].sort((a, b) => a.from - b.from || a.to - b.to);
  // Once it is to end, nothing is missing any more.
  if (gaps.some(({ reason }) => reason === "stopped" || reason === "visit_ended")) return false;
  return parts.every((part, i) => {
    const next = parts[i + 1];
    return part.from >= from && part.to <= to && part.from <= part.to && (!next || next.from === part.to);
  });
}

const often = ["join", "join", "agree", "agree", "start", "start", "answer", "answer", "renew", "come"];
const name = fc.constantFrom(...Object.keys(steps), ...often);
const history = fc.array(fc.tuple(name, fc.nat(1_000), fc.nat(1_000)), { maxLength: 80, size: "max" });

it("records nobody who has not agreed, comes to an end, and says when it ran and when not", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(history, fc.boolean(), (story, peerOnly) => {
      const play = new PlayedRecording(peerOnly ? ["peer"] : ["mediasoup", "peer"]);
      for (const person of [ito, anna]) play.call.join(person);
      play.answer();
      play.agree(ito, anna);
      play.start(ito);
      for (const [what, a, b] of story) {
        const known = play.room.journal.length;
        let before = play.room.state;
        steps[what]?.(play, a, b);
        expect(faults(play), what).toEqual([]);
        for (const recorded of play.room.journal.slice(known)) {
          kinds.add(recorded.event.type);
          const after = consultationBehaviour.evolve(before, recorded);
          expect(intruders(before, after), what).toEqual([]);
          before = after;
        }
      }
      const live = play.room.state;
      play.room.recover();
      expect(play.room.state).toEqual(live);
      expect(consultationSnapshot.parse(JSON.parse(JSON.stringify(live)))).toEqual(live);
      play.call.ask(ito, { name: "visit.end", outcome: "completed" });
      for (let tries = 0; tries < 20; tries += 1) {
        play.answer();
        if (play.state.current || play.state.finishing.length > 0) play.call.fire();
      }
      expect(play.state).toMatchObject({ stage: "none", current: null, halting: [], finishing: [] });
      for (const { manifest } of play.state.sealed) expect(isWhole(manifest), manifest.recording).toBe(true);
      expect(play.running).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
  const own = ["starting", "started", "pausing", "admissionHeld", "halted", "broken", "stopping", "complete"];
  expect([...kinds]).toEqual(expect.arrayContaining(own.map((kind) => `recording.${kind}`)));
}, 120_000);

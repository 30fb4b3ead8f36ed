import fc from "fast-check";
import { expect, it } from "vitest";
import { consultationSnapshot } from "../../../rooms/consultation/consultation-snapshot.ts";
import { anna, ben, engine, ito } from "../queue/testing/people.ts";
import { isInside, participantOf } from "../visit/state.ts";
import { carries } from "./choose.ts";
import { type BackendName, backendNames, type CallState } from "./state.ts";
import { PlayedCall } from "./testing/played-call.ts";

const people = [ito, anna, ben] as const;

/** One thing that happens; `a` and `b` say to whom, and how. */
type Step = (play: PlayedCall, a: number, b: number) => unknown;

const abilities: readonly (readonly BackendName[])[] = [backendNames, ["mediasoup", "peer"], ["peer"]];
const orders: readonly (readonly BackendName[])[] = [backendNames, ["peer"], ["mediasoup", "chime"], []];

function pick<T>(list: readonly T[], n: number): T {
  const one = list[n % list.length];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

const steps: Readonly<Record<string, Step>> = {
  join: (play, a, b) => play.join(pick(people, a), pick(abilities, b)),
  leave: (play, a) => play.ask(pick(people, a), { name: "media.leave" }),
  come: (play, a) => play.come(pick(people, a)),
  go: (play, a) => play.go(pick(people, a)),
  fail: (play, a, b) => play.fail(pick(people, a), (play.call.session?.n ?? 1) - (b % 4 === 0 ? 1 : 0)),
  lost: (play, a, b) =>
    play.lose(pick(["drain", "worker_died"], a), (play.call.session?.n ?? 1) - (b % 4 === 0 ? 1 : 0)),
  opened: (play) => play.answer(),
  refused: (play) => play.answer(...backendNames),
  late: (play, a, b) => play.settle(`open_${a % 5}`, b % 2 === 0),
  wait: (play, a) => {
    play.now += pick([100, 5_000, 61_000], a);
  },
  fire: (play) => play.fire(),
  crash: (play) => play.crash(),
  order: (play, a) => {
    play.order = pick(orders, a);
  },
  bring: (play) => play.bring(ben),
  remove: (play) => play.ask(ito, { name: "visit.remove", participant: ben.id }),
  mute: (play, a) => play.ask(ito, { name: "media.mute", participant: pick(people, a).id }),
  end: (play, a) => a % 8 === 0 && play.ask(ito, { name: "visit.end", outcome: "completed" }),
};
const mediaSteps = ["join", "leave", "fail", "lost", "opened", "refused", "late", "mute"];

/** What is wrong with the call as it stands, after it stood as `before`. */
function faults({ room, call }: PlayedCall, before: CallState): string[] {
  const { visit } = room.state;
  const callers = Object.entries(call.people);
  const running = call.stage === "opening" || call.stage === "open";
  const open = call.sessions.filter(({ to }) => to === null);
  const gaping = call.gaps.filter(({ to }) => to === null).length;
  const backend = call.session?.backend;
  const wrong: Readonly<Record<string, boolean>> = {
    "n went back": (call.session?.n ?? 0) < (before.session?.n ?? 0),
    "somebody is in the call who is not in the visit": callers.some(([person]) => !isInside(visit, person)),
    "somebody is in the call who is not there": callers.some(
      ([person, { lostAt }]) => lostAt === null && participantOf(visit, person)?.presentSince === null,
    ),
    "a call outlives its visit": visit.phase === "ended" && call.stage !== "none",
    "a call without people, or people without a call": (call.stage === "none") !== (callers.length === 0),
    "more than one session is open": open.length > (call.stage === "open" ? 1 : 0),
    "the open session is not on record": call.stage === "open" && open[0]?.n !== call.session?.n,
    "two gaps at once, or one while the call runs": gaping > (call.stage === "open" ? 0 : 1),
    "a failure without its gap": call.stage === "unavailable" && gaping === 0,
    "nobody to have a gap": call.stage === "none" && gaping > 0,
    "a backend that cannot carry these people":
      running && backend !== undefined && !carries(backend, Object.values(call.people)),
    "two polite, or none":
      call.stage === "open" && callers.length === 2 && politeOf(call) !== 1 && backend === "peer",
    "the running session is being closed": running && call.closing.some(({ n }) => n === call.session?.n),
  };
  return [...room.faults, ...Object.keys(wrong).filter((fault) => wrong[fault])];
}

function politeOf({ people: all }: CallState): number {
  return Object.values(all).filter(({ polite }) => polite).length;
}

const name = fc.constantFrom(...Object.keys(steps), "join", "join", "opened", "opened", "fail", "come");
const history = fc.array(fc.tuple(name, fc.nat(1_000), fc.nat(1_000)), { maxLength: 80, size: "max" });

it("is one session at a time for those inside, whatever happens; and a failure never touches the visit", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(history, (story) => {
      const play = new PlayedCall();
      /** Sessions that the backends hold, as far as they were told. */
      const held = new Set<number>();
      for (const [what, a, b] of story) {
        const before = play.room.state;
        const known = play.room.journal.length;
        steps[what]?.(play, a, b);
        for (const { event } of play.room.journal.slice(known)) {
          if ("n" in event && typeof event.n === "number") {
            if (event.type === "media.opened") held.add(event.n);
            if (event.type === "media.closed") held.delete(event.n);
          }
          kinds.add(event.type);
        }
        expect(faults(play, before.call), what).toEqual([]);
        if (mediaSteps.includes(what)) {
          const { mediaLog: _, participants, ...rest } = play.room.state.visit;
          expect({
            ...rest,
            mediaLog: before.visit.mediaLog,
            participants: before.visit.participants,
          }).toEqual(before.visit);
          expect(Object.keys(participants)).toEqual(Object.keys(before.visit.participants));
        }
        const owed = [...play.call.closing, ...(play.call.stage === "open" ? [play.call.session] : [])];
        for (const n of held) expect(owed.map((session) => session?.n)).toContain(n);
      }
      const live = play.room.state;
      play.room.recover();
      expect(play.room.state).toEqual(live);
      expect(consultationSnapshot.parse(JSON.parse(JSON.stringify(live)))).toEqual(live);
      // Left alone it comes to rest, also where nothing can be opened any more.
      for (
        let tries = 0;
        play.room.errands.length > 0 || play.room.due?.command.name === "media.due";
        tries += 1
      ) {
        expect(tries).toBeLessThan(100);
        play.answer(...backendNames);
        if (play.room.due?.command.name === "media.due") play.fire();
      }
      expect(play.room.ask(engine, { name: "visit.wake", id: null }, play.now).ok).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  const expected = ["joined", "left", "opening", "opened", "failed", "muteAsked", "closed"];
  expect([...kinds]).toEqual(expect.arrayContaining(expected.map((kind) => `media.${kind}`)));
}, 120_000);

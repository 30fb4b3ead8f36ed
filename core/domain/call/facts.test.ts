import { expect, it } from "vitest";
import { consultationBehaviour } from "../kinds.ts";
import { anna, ito } from "../queue/testing/people.ts";
import { callFacts } from "./facts.ts";
import { initialCall } from "./state.ts";
import { PlayedCall } from "./testing/played-call.ts";

const factsOf = ({ room }: PlayedCall) => callFacts(initialCall, room.journal);

it("tells each session that was opened, each that failed and why, and the gaps between", () => {
  const play = new PlayedCall(["chime", "mediasoup", "peer"]);
  play.join(ito);
  play.now += 300;
  play.settle("open_1", false);
  play.now += 200;
  play.settle("open_2", true);
  play.join(anna);
  play.now += 1_000;
  play.fail(anna, 2, "ice_failed");
  play.now += 40;
  play.settle("open_3", true);
  play.fail(anna, 3, "said_by_anybody");
  expect(factsOf(play)).toEqual([
    { type: "failed", backend: "chime", why: "not_opened" },
    { type: "opened", backend: "mediasoup", afterMs: 200 },
    { type: "gap", ms: 200 },
    { type: "failed", backend: "mediasoup", why: "connection" },
    { type: "opened", backend: "peer", afterMs: 40 },
    { type: "gap", ms: 40 },
    { type: "failed", backend: "peer", why: "other" },
  ]);
});

it("counts nothing twice: reports and answers that come late tell nothing", () => {
  const play = new PlayedCall(["peer"]);
  play.join(ito);
  play.answer();
  play.join(anna);
  play.fail(anna, 1, "session_gone");
  play.fail(ito, 1, "session_gone");
  play.settle("open_1", true);
  expect(factsOf(play).map(({ type }) => type)).toEqual(["opened", "failed"]);
  expect(factsOf(play)[1]).toEqual({ type: "failed", backend: "peer", why: "gone" });
});

it("is the same however the events are cut into commits", () => {
  const play = new PlayedCall(["chime", "peer"]);
  play.join(ito);
  play.settle("open_1", false);
  play.now += 70;
  play.settle("open_2", true);
  const { journal } = play.room;
  let state = consultationBehaviour.initial;
  const told = journal.flatMap((recorded) => {
    const before = state.call;
    state = consultationBehaviour.evolve(state, recorded);
    return callFacts(before, [recorded]);
  });
  expect(told).toEqual(factsOf(play));
  expect(told).toHaveLength(3);
});

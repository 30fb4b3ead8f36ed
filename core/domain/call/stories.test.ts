import { describe, expect, it } from "vitest";
import { anna, ben, ito } from "../queue/testing/people.ts";
import { graceMs, pausesMs, steadyMs } from "./state.ts";
import { PlayedCall } from "./testing/played-call.ts";

describe("a call", () => {
  it("is opened for the first who joins, by the first backend in order, and carries the others too", () => {
    const play = new PlayedCall();
    expect(play.join(ito)).toBe("media.joined media.opening");
    expect(play.stands).toBe("opening chime 1");
    expect(play.join(anna)).toBe("media.joined");
    play.answer();
    expect(play.stands).toBe("open chime 1");
    expect(play.call.session?.place).toBe("place of open_1");
    expect(play.join(anna)).toBe("nothing");
    expect(play.call).toMatchObject({ gaps: [], sessions: [{ n: 1, backend: "chime", to: null }] });
  });

  it("goes on with the next backend when one fails under it, and records the gap", () => {
    const play = new PlayedCall();
    play.join(ito);
    play.join(anna);
    play.answer();
    play.now += steadyMs;
    const failedAt = play.now;
    expect(play.fail(anna)).toBe("media.failed media.opening");
    expect(play.stands).toBe("opening mediasoup 2");
    expect(play.fail(ito, 1)).toBe("nothing");
    play.now += 700;
    play.answer("mediasoup");
    expect(play.stands).toBe("opening peer 3");
    play.now += 300;
    play.answer();
    expect(play.stands).toBe("open peer 3");
    expect(play.fail(ito, 1)).toBe("nothing");
    expect(play.people).toEqual([ito.id, anna.id]);
    expect(play.call.gaps).toEqual([{ reason: "ice_failed", from: failedAt, to: failedAt + 1_000 }]);
    expect(play.call.sessions).toMatchObject([
      { n: 1, to: failedAt },
      { n: 3, from: failedAt + 1_000 },
    ]);
    expect(play.room.state.visit.phase).toBe("waiting");
  });

  it("goes on at once when the backend itself has lost the session, once for each", () => {
    const play = new PlayedCall();
    play.join(ito);
    expect(play.lose("worker_died")).toBe("nothing");
    play.answer();
    play.now += 700;
    expect(play.lose("worker_died")).toBe("media.failed media.opening");
    expect(play.lose("worker_died", 1)).toBe("nothing");
    expect(play.stands).toBe("opening mediasoup 2");
    expect(play.call).toMatchObject({ failures: 1, failed: ["chime"], reason: "worker_died" });
    play.answer();
    expect(play.lose("worker_died", 1)).toBe("nothing");
    expect(play.call.gaps).toMatchObject([{ reason: "worker_died" }]);
  });

  it("goes on elsewhere on the same backend when that is about to end: nothing has failed", () => {
    const play = new PlayedCall(["mediasoup", "peer"]);
    play.join(ito);
    play.answer();
    expect(play.lose("drain")).toBe("media.opening");
    expect(play.lose("drain", 1)).toBe("nothing");
    expect(play.stands).toBe("opening mediasoup 2");
    expect(play.call).toMatchObject({ failures: 0, failed: [], reason: "drain", closing: [{ n: 1 }] });
    play.answer();
    expect(play.stands).toBe("open mediasoup 2");
  });

  it("tries its only backend again at once, then after longer and longer pauses, and in the end not by itself", () => {
    const play = new PlayedCall(["peer"]);
    play.join(ito);
    const pauses: number[] = [];
    for (let tries = 0; tries < 50; tries += 1) {
      const { retryAt, since } = play.call;
      if (retryAt !== null) {
        pauses.push(retryAt - since);
        play.fire();
      }
      play.answer("peer");
    }
    expect(pauses).toEqual(pausesMs.slice(1));
    expect(play.stands).toBe(`unavailable peer ${pausesMs.length + 1}`);
    expect(play.room.due?.command.name).not.toBe("media.due");
    // Whoever tries again sets it going.
    expect(play.join(ito)).toBe("media.opening");
    play.answer();
    expect(play.stands).toMatch(/^open peer/);
    // It held for long enough: what was before is forgotten.
    play.now += steadyMs;
    expect(play.fail(ito)).toBe("media.failed media.opening");
  });

  it("does not lose two people to a third who does not fit", () => {
    const play = new PlayedCall(["peer"]);
    play.bring(ben);
    play.join(ito);
    play.join(anna);
    play.answer();
    expect(play.join(ben)).toBe("call_full");
    expect(play.stands).toBe("open peer 1");
    expect(play.people).toEqual([ito.id, anna.id]);
  });

  it("does not end the others' call again and again for one whom nothing reaches", () => {
    const play = new PlayedCall(["chime", "mediasoup", "peer"]);
    play.bring(ben);
    for (const one of [ito, anna, ben]) play.join(one);
    play.answer();
    // What has not been tried may reach him.
    expect(play.fail(ben)).toBe("media.failed media.opening");
    play.answer();
    expect(play.stands).toBe("open mediasoup 2");
    expect(play.fail(ben)).toBe("media.troubled");
    expect(play.fail(ben)).toBe("nothing");
    expect(play.stands).toBe("open mediasoup 2");
    // What its backend does not have any more is of use to nobody; and so is what most cannot reach.
    expect(play.fail(ben, 2, "session_gone")).toBe("media.failed");
    play.now += pausesMs[1] ?? 0;
    play.fire();
    play.answer();
    expect(play.stands).toBe("open chime 3");
    // By now everything was tried once more.
    expect(play.fail(ben)).toBe("media.failed media.opening");
    play.answer();
    expect([play.fail(ben), play.fail(anna)]).toEqual(["media.troubled", "media.failed"]);
  });

  it("lets one of two who are left have another session", () => {
    const play = new PlayedCall(["mediasoup"]);
    play.bring(ben);
    for (const one of [ito, anna, ben]) play.join(one);
    play.answer();
    expect(play.fail(ben)).toBe("media.troubled");
    play.ask(anna, { name: "media.leave" });
    expect(play.fail(ben)).toBe("media.failed media.opening");
  });

  it("moves to what holds all three where there is such a backend", () => {
    const play = new PlayedCall(["peer", "mediasoup"]);
    play.bring(ben);
    play.join(ito);
    play.join(anna);
    play.answer();
    expect(play.join(ben)).toBe("media.joined media.opening");
    play.answer();
    expect(play.stands).toBe("open mediasoup 2");
    expect(play.call.reason).toBe("people");
  });

  it("refuses a browser that none of the backends can serve together with the others", () => {
    const play = new PlayedCall(["mediasoup", "peer"]);
    play.join(ito, ["mediasoup"]);
    expect(play.join(anna, ["peer"])).toBe("call_incompatible");
    expect(new PlayedCall([]).join(ito)).toBe("media_unavailable");
  });

  it("gives exactly one of two the polite part, whoever comes, goes and comes again", () => {
    const play = new PlayedCall(["peer"]);
    const polite = () => Object.values(play.call.people).filter((one) => one.polite).length;
    play.join(ito);
    play.join(anna);
    expect(polite()).toBe(1);
    play.ask(ito, { name: "media.leave" });
    play.join(ito);
    expect(polite()).toBe(1);
    play.answer();
    play.fail(ito);
    expect(polite()).toBe(1);
  });

  it("waits for whoever a restart of the room has cut off, and no longer than that", () => {
    const play = new PlayedCall(["peer"]);
    play.join(ito);
    play.join(anna);
    play.answer();
    play.crash();
    expect(play.people).toEqual([ito.id, anna.id]);
    play.come(ito);
    const cutAt = play.now;
    expect(play.fire()).toEqual(["media.left"]);
    expect(play.now).toBe(cutAt + graceMs);
    expect(play.people).toEqual([ito.id]);
    expect(play.stands).toBe("open peer 1");
  });

  it("is over for whoever leaves, is gone or is removed, and for all when the visit ends", () => {
    const play = new PlayedCall();
    play.bring(ben);
    for (const person of [ito, anna, ben]) play.join(person);
    play.answer();
    play.ask(anna, { name: "visit.media", media: "video" });
    expect(play.ask(anna, { name: "media.leave" })).toBe("visit.mediaChanged media.left");
    expect(play.room.state.visit.mediaLog.at(-1)).toMatchObject({ person: anna.id, media: "none" });
    play.ask(ito, { name: "visit.remove", participant: ben.id });
    expect(play.people).toEqual([ito.id]);
    play.join(anna);
    play.go(anna);
    expect(play.people).toEqual([ito.id]);
    play.ask(ito, { name: "visit.end", outcome: "completed" });
    expect(play.stands).toBe("none");
    expect(play.answer()).toEqual(["media.closed"]);
    expect(play.room.errands).toEqual([]);
    expect(play.join(ito)).toBe("visit_ended");
  });

  it("takes nobody who is not inside and there, and no report from whoever is not in it", () => {
    const play = new PlayedCall();
    expect(play.join(ben)).toBe("forbidden");
    play.go(anna);
    expect(play.join(anna)).toBe("forbidden");
    play.join(ito);
    play.answer();
    expect(play.fail(anna)).toBe("not_in_call");
    expect(play.ask(ito, { name: "media.mute", participant: anna.id })).toBe("participant_not_found");
    play.come(anna);
    play.join(anna);
    expect(play.ask(ito, { name: "media.mute", participant: anna.id })).toBe("media.muteAsked");
  });
});

import { describe, expect, it } from "vitest";
import { consultationSnapshot } from "../../../rooms/consultation/consultation-snapshot.ts";
import { abe, anna, ben, ito, named } from "../queue/testing/people.ts";
import { emptyMs, haltMs, initialRecording, leaseMs, pausesMs, steadyMs, uploadMs } from "./state.ts";
import { PlayedRecording } from "./testing/played-recording.ts";

/** Both are in the call and have agreed. */
function ready(...order: ConstructorParameters<typeof PlayedRecording>) {
  const play = new PlayedRecording(...order);
  for (const person of [ito, anna]) play.call.join(person);
  play.answer("open");
  play.agree(ito, anna);
  return play;
}

function recording() {
  const play = ready();
  expect(play.start(ito)).toBe("recording.starting");
  expect(play.answer("record")).toEqual(["recording.started"]);
  return play;
}

describe("a recording", () => {
  it("begins when the call is open and everyone there has agreed, and not before", () => {
    const play = new PlayedRecording();
    expect(play.start(ito)).toBe("recording_unavailable");
    play.call.join(ito);
    play.answer("open");
    expect(play.start(ito)).toBe("consent_missing");
    play.agree(ito);
    expect(play.start(ito)).toBe("consent_missing");
    play.agree(anna);
    play.recordable = [];
    expect(play.start(ito)).toBe("recording_unavailable");
    play.recordable = ["mediasoup"];
    expect(play.start(ito)).toBe("recording.starting");
    expect(play.start(ito)).toBe("recording_running");
    play.answer("record");
    expect(play.stands).toBe("running 1");
  });

  it("pauses when somebody withdraws, and goes on when a clinician starts it again", () => {
    const play = recording();
    play.now += 10_000;
    expect(play.withdraw(anna)).toBe("consent.withdrawn recording.pausing");
    expect(play.stands).toBe("pausing 1");
    expect(play.start(ito)).toBe("busy");
    play.now += 200;
    expect(play.answer()).toEqual(["recording.halted"]);
    expect(play.stands).toBe("paused 1");
    expect(play.start(ito)).toBe("consent_missing");
    play.now += 30_000;
    play.agree(anna);
    expect(play.start(ito)).toBe("recording.starting");
    play.answer("record");
    play.now += 5_000;
    expect(play.stop(ito)).toBe("recording.stopping");
    play.answer("halt");
    expect(play.answer("finish")).toEqual(["recording.sealed"]);
    const [sealed] = play.state.sealed;
    expect(sealed?.manifest).toMatchObject({
      reason: "stopped",
      intervals: [{ segment: 1 }, { segment: 2 }],
      gaps: [{ reason: "consent_withdrawn" }],
      fault: null,
    });
    const { intervals = [], gaps = [], consents = [], participants = [] } = sealed?.manifest ?? {};
    expect(intervals.map(({ from, to }) => to - from)).toEqual([10_200, 5_000]);
    expect(gaps.map(({ from, to }) => to - from)).toEqual([30_000]);
    expect(consents.filter(({ person }) => person === anna.id)).toMatchObject([
      { withdrawnAt: expect.any(Number) },
      { withdrawnAt: null },
    ]);
    expect(participants.map(({ person }) => person).sort()).toEqual([anna.id, ito.id]);
  });

  it("lets a newcomer in once the recorder has ended, and says who let them in", () => {
    const play = recording();
    play.knock(ben);
    expect(play.admit(ito, ben)).toBe("recording.pausing");
    expect(play.admit(ito, ben)).toBe("nothing");
    expect(play.room.state.visit.participants[ben.id]?.admission).toBe("expected");
    expect(play.state.admissions).toMatchObject([{ participant: ben.id, by: named(ito) }]);
    expect(play.answer()).toEqual(["recording.halted visit.admitted chat.memberChanged"]);
    expect(play.running).toEqual([]);
    expect(play.stands).toBe("paused 1");
    expect(play.state.admissions).toEqual([]);
    expect(play.start(ito)).toBe("consent_missing");
    play.agree(ben);
    expect(play.start(ito)).toBe("recording.starting");
  });

  it("hands the visit to a colleague in the same way", () => {
    const play = recording();
    const transfer = { name: "visit.transfer", to: named(abe) } as const;
    expect(play.call.ask(ito, transfer)).toBe("recording.pausing");
    expect(play.answer()).toEqual(["recording.halted visit.transferred chat.memberChanged"]);
    expect(play.room.state.visit.clinician).toEqual(named(abe));
  });

  it("keeps out of the call whoever has not agreed, until the recorder has ended or its lease has run out", () => {
    const play = recording();
    play.call.bring(ben);
    play.now += leaseMs - 1;
    play.renew();
    // The answer of the recorder is lost: it has until the end of its lease.
    const asked = play.now;
    expect(play.call.fire()).toEqual(["recording.halted visit.admitted chat.memberChanged"]);
    expect(play.now).toBe(asked - (leaseMs - 1) + haltMs);
    play.call.come(ben);
    expect(play.running).toEqual([]);
    expect(play.call.join(ben)).toBe("media.joined");
  });

  it("pauses when somebody comes in who has not agreed, and refuses them the call meanwhile", () => {
    const play = ready();
    play.call.bring(ben);
    play.call.go(ben);
    play.start(ito);
    play.answer("record");
    expect(play.call.come(ben)).toEqual(["visit.entered recording.pausing"]);
    expect(play.call.join(ben)).toBe("busy");
    play.answer("halt");
    expect(play.call.join(ben)).toBe("media.joined");
    expect(play.running).toEqual([]);
  });

  it("begins anew by itself after it broke, with longer and longer pauses, and in the end not by itself", () => {
    const play = recording();
    const pauses: number[] = [];
    for (;;) {
      expect(play.lose()).toBe("recording.broken");
      const { retryAt } = play.state;
      if (retryAt === null) break;
      pauses.push(retryAt - play.now);
      expect(play.call.fire()).toEqual(["recording.starting"]);
      play.answer("record");
    }
    expect(pauses).toEqual(pausesMs);
    expect(play.stands).toBe(`paused ${pausesMs.length + 1}`);
    expect(play.start(ito)).toBe("recording.starting");
    play.answer("record");
    play.now += steadyMs;
    play.lose();
    expect(play.state.failures).toBe(1);
  });

  it("goes on in the session that takes a failed one's place", () => {
    const play = recording();
    expect(play.call.fail(ito)).toBe("media.failed media.opening recording.broken");
    play.answer("open");
    play.recordable = ["mediasoup"];
    expect(play.room.state.call.session?.backend).toBe("peer");
    // There a browser records: that of whoever started it.
    expect(play.call.fire()).toEqual(["recording.starting"]);
    expect(play.state.current?.segments.at(-1)).toMatchObject({ backend: "peer", recorder: ito.id, n: 2 });
  });

  it("in a call without servers is made by the browser of whoever started it", () => {
    const play = ready(["peer"]);
    play.start(ito);
    expect(play.room.errands).toEqual([]);
    expect(play.report(anna, "running")).toBe("recording_not_found");
    expect(play.report(ito, "running")).toBe("recording.started");
    expect(play.withdraw(anna)).toBe("consent.withdrawn recording.pausing");
    expect(play.report(ito, "stopped")).toBe("recording.halted");
    expect(play.stands).toBe("paused 1");
    play.agree(anna);
    play.start(ito);
    play.report(ito, "running");
    play.now += 1_000;
    play.stop(ito);
    expect(play.report(ito, "stopped")).toBe("recording.halted");
    expect(play.stands).toBe("none");
    expect(play.room.errands).toEqual([]);
    // What it has recorded may still be on its way.
    const [finishing] = play.state.finishing;
    expect(finishing?.waitsUntil).toBe(play.now + uploadMs);
    expect(play.report(ito, "uploaded")).toBe("recording.complete");
    expect(play.answer()).toEqual(["recording.sealed"]);
  });

  it("breaks when the browser that makes it is gone, and begins anew when it is back", () => {
    const play = ready(["peer"]);
    play.start(ito);
    play.report(ito, "running");
    play.call.crash();
    expect(play.stands).toBe("broken 1");
    play.call.come(anna);
    expect(play.room.due?.at).toBe(play.now + haltMs);
    play.call.come(ito);
    play.now += haltMs;
    play.call.fire();
    expect(play.stands).toBe("starting 2");
  });

  it("ends when it was asked to, however long an older recorder is waited for", () => {
    const play = ready(["peer"]);
    play.start(ito);
    play.report(ito, "running");
    play.call.crash();
    play.call.come(anna, ito);
    expect(play.call.fire()).toEqual(["recording.starting"]);
    play.report(ito, "running");
    play.now += 1_000;
    play.stop(ito);
    play.now += 100;
    const stoppedAt = play.now;
    expect(play.report(ito, "stopped")).toBe("recording.halted");
    expect(play.stands).toBe("stopping 2");
    expect(play.call.fire()).toEqual(["recording.halted"]);
    expect(play.report(ito, "uploaded")).toBe("recording.complete");
    play.answer("finish");
    const [sealed] = play.state.sealed;
    expect(sealed?.manifest).toMatchObject({ to: stoppedAt, intervals: [{ segment: 1 }, { to: stoppedAt }] });
    expect(sealed?.manifest.gaps.filter(({ to, from }) => to > from)).toEqual([]);
  });

  it("is over with the visit, and when nobody is in the call for long", () => {
    const ended = recording();
    expect(ended.call.ask(ito, { name: "visit.end", outcome: "completed" })).toBe(
      "visit.ended recording.stopping",
    );
    ended.answer();
    ended.answer();
    expect(ended.state.sealed[0]?.manifest.reason).toBe("visit_ended");

    const empty = recording();
    empty.call.ask(ito, { name: "media.leave" });
    expect(empty.call.ask(anna, { name: "media.leave" })).toBe("media.left recording.broken");
    const left = empty.now;
    empty.answer();
    expect(empty.call.fire()).toEqual(["recording.stopping"]);
    expect(empty.now).toBe(left + emptyMs);
    empty.answer();
    expect(empty.state.sealed[0]?.manifest).toMatchObject({
      reason: "empty",
      gaps: [{ reason: "call_over" }],
    });
  });

  it("is removed when it has been kept for as long as it was to be", () => {
    const play = recording();
    play.stop(ito);
    play.answer();
    play.answer();
    const keptUntil = play.state.sealed[0]?.manifest.keptUntil ?? 0;
    expect(keptUntil).toBe(play.now + 86_400_000);
    play.call.ask(ito, { name: "visit.end", outcome: "completed" });
    play.answer("close");
    expect(play.call.fire()).toEqual(["recording.expiring"]);
    expect(play.room.errands).toMatchObject([{ to: { kind: "recordings" }, name: "remove" }]);
    expect(play.answer()).toEqual(["recording.expired"]);
    expect(play.room.errands).toEqual([]);
    expect(play.room.due).toBeNull();
  });

  it("is kept for longer or shorter where the organisation says so meanwhile, until it is being removed", () => {
    const play = recording();
    play.stop(ito);
    play.answer();
    const [id] = play.state.finishing.map((one) => one.id);
    if (id === undefined) throw new Error("nothing is being finished");
    // Not while it is not known from when on it is kept.
    expect(play.keep(id, play.now)).toBe("busy");
    play.answer();
    const { manifest } = play.state.sealed[0] ?? {};
    const later = play.now + 5 * 86_400_000;
    expect(play.keep(id, later)).toBe("recording.kept");
    expect(play.keep(id, later)).toBe("nothing");
    expect(play.keep("another", later)).toBe("nothing");
    expect(play.keep(id, later + 1)).toBe("recording.kept");
    expect(play.keep(id, later)).toBe("recording.kept");
    expect(play.state.sealed[0]?.manifest).toEqual({ ...manifest, keptUntil: later });
    expect(play.keep(id, play.now - 1)).toBe("recording.kept");
    play.room.recover();
    play.call.ask(ito, { name: "visit.end", outcome: "completed" });
    play.answer("close");
    expect(play.call.fire()).toEqual(["recording.expiring"]);
    expect(play.keep(id, later)).toBe("nothing");
    expect(play.answer()).toEqual(["recording.expired"]);
  });

  it("is in no snapshot from before there were recordings", () => {
    const { recording: made, ...before } = recording().room.state;
    expect(made.stage).toBe("running");
    const restored = consultationSnapshot.parse(JSON.parse(JSON.stringify(before)));
    expect(restored.recording).toEqual(initialRecording);
  });

  it("cannot be stopped where there is none, and is stopped at once where it is paused", () => {
    const play = recording();
    play.withdraw(anna);
    play.answer("halt");
    expect(play.stop(ito)).toBe("recording.stopping");
    expect(play.stands).toBe("none");
    expect(play.stop(ito)).toBe("recording_not_found");
  });
});

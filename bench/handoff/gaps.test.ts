import { expect, test } from "vitest";
import { delaysOf, followingOf, gapsOf, gapsWithin, latenciesOf, lossesOf } from "./gaps.ts";
import type { Records } from "./load/records.ts";

const rooms = 2;
const membersPerRoom = 2;
const everyMs = 500;
const startedAt = 10_000;
const usual = 10;

/** Two rooms with two members, a message a second in each: room 0 at whole seconds, room 1 half a second later. */
function records(messages: number, changed: Partial<Records> = {}): Records {
  const due = (message: number) => startedAt + message * everyMs;
  const counts = { repeats: 0, resumes: 0, retries: 0, moved: 0, rejoined: 0 };
  return {
    rooms,
    membersPerRoom,
    startedAt,
    everyMs,
    acknowledgedAt: Float64Array.from({ length: messages }, (_, m) => due(m) + usual),
    receivedAt: Float64Array.from(
      { length: messages * membersPerRoom },
      (_, cell) => due(Math.floor(cell / membersPerRoom)) + usual,
    ),
    toldAt: new Float64Array(rooms * membersPerRoom).fill(Number.NaN),
    seatedAt: new Float64Array(rooms * membersPerRoom).fill(Number.NaN),
    answeredAt: new Float64Array(rooms).fill(Number.NaN),
    lateness: new Float64Array(messages),
    probes: 0,
    counts,
    losses: [],
    faults: { count: 0, examples: [] },
    ...changed,
  };
}

function late(of: Records, cells: Readonly<Record<number, number>>): Records {
  const receivedAt = of.receivedAt.slice();
  for (const [cell, ms] of Object.entries(cells)) {
    const due = startedAt + Math.floor(Number(cell) / membersPerRoom) * everyMs;
    receivedAt[Number(cell)] = due + ms;
  }
  return { ...of, receivedAt };
}

const all = { from: 0, to: 1e9 };

test("a member's delay is their own, a message's that of its last member and of its answer", () => {
  // Message 1 is the second room's; its second member had it late. Message 2's answer came later than itself.
  const one = late(records(4), { 3: 40 });
  const acknowledgedAt = one.acknowledgedAt.slice();
  acknowledgedAt[2] = startedAt + 2 * everyMs + 25;
  const seen = [{ ...one, acknowledgedAt }];
  expect([...delaysOf(seen, all)]).toEqual([10, 10, 10, 10, 10, 10, 25, 40]);
  expect([...latenciesOf(seen, all)]).toEqual([10, 10, 25, 40]);
  expect([...latenciesOf(seen, { from: startedAt + 500, to: startedAt + 1_000 })]).toEqual([40]);
});

test("a gap is that of the own room's move, from a second before the first was told", () => {
  // Ten messages: room 0 has those at 0, 1, 2, 3, 4 s. It is told at 2.1 s, its members are back at 2.2 and 3.3 s.
  const moved = late(records(10), { 8: 210, 12: 510, 13: 510, 4: 99, 0: 5_000 });
  const [told, seated] = [moved.toldAt.slice(), moved.seatedAt.slice()];
  told.set([startedAt + 2_100, startedAt + 2_110]);
  seated.set([startedAt + 2_200, startedAt + 3_300]);
  const seen = [{ ...moved, toldAt: told, seatedAt: seated }];
  // The first member's: the messages at 2 s (210) alone, 1 s being 1.1 s before. The second's: 2 and 3 s (510).
  expect([...gapsOf(seen, usual)]).toEqual([200, 500]);
  // Over everything from 1 s on, whoever moved: the second room saw nothing.
  expect([...gapsWithin(seen, usual, { from: startedAt + 1_000, to: startedAt + 5_000 })]).toEqual([
    0, 0, 500, 500,
  ]);
  expect([...followingOf(seen)]).toEqual([100, 1_190]);
});

test("who is never seated again waits to the end", () => {
  const one = records(10);
  const receivedAt = one.receivedAt.slice();
  // The second member of room 0 has nothing from 2 s on.
  for (const message of [4, 6, 8]) receivedAt[message * membersPerRoom + 1] = Number.NaN;
  const [toldAt, seatedAt] = [one.toldAt.slice(), one.seatedAt.slice()];
  toldAt.set([startedAt + 2_100, startedAt + 2_100]);
  seatedAt.set([startedAt + 2_200]);
  const [, worst] = gapsOf([{ ...one, receivedAt, toldAt, seatedAt }], usual);
  // Its end is that of the schedule, at 5 s.
  expect(worst).toBe(3_000 - usual);
});

test("what was acknowledged and is not with everyone is lost; what was not acknowledged is unanswered", () => {
  const one = records(4);
  const receivedAt = one.receivedAt.slice();
  const acknowledgedAt = one.acknowledgedAt.slice();
  receivedAt[1] = Number.NaN;
  receivedAt.fill(Number.NaN, 6, 8);
  acknowledgedAt[3] = Number.NaN;
  expect(lossesOf([{ ...one, receivedAt, acknowledgedAt }])).toEqual({ sent: 4, lost: 1, unanswered: 1 });
});

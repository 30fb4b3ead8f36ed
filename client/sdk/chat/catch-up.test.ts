import { expect, test } from "vitest";
import type { ResumedEvent } from "../../../core/protocol/events.ts";
import type { RoomPort } from "../connection/room-port.ts";
import { fromRejection, unreachable } from "../errors.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { CatchUp } from "./catch-up.ts";
import { Timeline } from "./timeline.ts";

const message = (seq: number): ResumedEvent => {
  return { type: "chat.message", id: `m-${seq}`, body: `${seq}`, from: "other", at: 0, seq, prev: seq - 1 };
};

/** Of a room with four events, when two are known here. */
function halfWay(refusals: Error[] = []) {
  const timeline = new Timeline<ResumedEvent>();
  timeline.begin(2);
  const delivered: number[] = [];
  const resumed: unknown[] = [];
  const clock = new ManualClock();
  const stuck: true[] = [];
  const catchUp = new CatchUp({
    clock,
    timeline,
    deliver: (events) => delivered.push(...events.map(({ seq }) => seq)),
    mending: () => undefined,
    stuck: () => stuck.push(true),
  });
  const port: RoomPort = {
    request: async (_, payload) => {
      resumed.push(payload);
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      return JSON.parse(JSON.stringify({ events: [message(3), message(4)], lastSeq: 4, more: false }));
    },
    ping: async () => undefined,
    drop: () => undefined,
    leave: async () => undefined,
  };
  return { catchUp, port, delivered, resumed, clock, stuck };
}

test("a room that is no further than what is known is not asked", async () => {
  const { catchUp, port, delivered, resumed } = halfWay();
  catchUp.roomIsAt(2);
  await catchUp.start(port);
  catchUp.take([message(3)]);
  expect({ delivered, resumed }).toEqual({ delivered: [3], resumed: [] });
});

test("one that is further, or that knows less, is asked", async () => {
  for (const lastSeq of [4, 1]) {
    const { catchUp, port, delivered, resumed } = halfWay();
    catchUp.roomIsAt(lastSeq);
    await catchUp.start(port);
    expect({ delivered, resumed }).toEqual({ delivered: [3, 4], resumed: [{ after: 2 }] });
  }
});

test("and one of which something is missing already", async () => {
  const { catchUp, port, delivered, resumed } = halfWay();
  catchUp.roomIsAt(2);
  catchUp.take([message(4)]);
  await catchUp.start(port);
  expect({ delivered, resumed }).toEqual({ delivered: [3, 4], resumed: [{ after: 2 }] });
});

test("a room that has lost its database for a while is asked again over the same seat", async () => {
  const away = fromRejection({ code: "unavailable", message: "", retryAfterMs: 500 });
  const { catchUp, port, delivered, resumed, clock, stuck } = halfWay([away, away]);
  catchUp.roomIsAt(2);
  await catchUp.start(port);
  catchUp.take([message(4)]);
  for (let waited = 0; waited < 4 && delivered.length === 0; waited += 1) {
    await settle();
    await clock.advance(750);
  }
  await settle();
  expect({ delivered, stuck, asked: resumed.length }).toEqual({ delivered: [3, 4], stuck: [], asked: 3 });
});

test("a seat that fails is given up", async () => {
  const { catchUp, port, stuck } = halfWay([unreachable()]);
  catchUp.roomIsAt(2);
  await catchUp.start(port);
  catchUp.take([message(4)]);
  await settle();
  expect(stuck).toEqual([true]);
});

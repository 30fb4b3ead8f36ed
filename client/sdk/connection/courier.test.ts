import { expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { fromRejection, HugMeDoError, unreachable } from "../errors.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { Courier } from "./courier.ts";
import type { RoomPort } from "./room-port.ts";

const command = { id: "command-1" };
const done = { seq: 7, at: 1 };

/** A seat whose answers the test gives. */
function seat() {
  const asked: { readonly payload: unknown; answer(reply: unknown): void; fail(error: Error): void }[] = [];
  const port: RoomPort = {
    request: <Reply>(_: string, payload: unknown) =>
      new Promise<Reply>((resolve, reject) => {
        // A reply is whatever the wire brings, as it is behind a real seat.
        const answer = (reply: unknown) => resolve(JSON.parse(JSON.stringify(reply)));
        asked.push({ payload, answer, fail: reject });
      }),
    ping: async () => undefined,
    drop: () => undefined,
    leave: async () => undefined,
  };
  return { port, asked };
}

function courier() {
  const clock = new ManualClock();
  return { clock, courier: new Courier(clock) };
}

test("what fails with a seat that was replaced is asked over the new one without a pause", async () => {
  const { courier: it, clock } = courier();
  const [old, next] = [seat(), seat()];
  it.attach(old.port);
  const reply = it.perform("chat.send", command);
  await settle();
  it.attach(next.port);
  old.asked[0]?.fail(unreachable());
  await settle();
  expect(next.asked.map(({ payload }) => payload)).toEqual([command]);
  next.asked[0]?.answer(done);
  await expect(reply).resolves.toEqual(done);
  expect(clock.pending).toBe(0);
});

test("an answer counts wherever it was asked", async () => {
  const { courier: it } = courier();
  const [old, next] = [seat(), seat()];
  it.attach(old.port);
  const reply = it.perform("chat.send", command);
  await settle();
  it.detach();
  old.asked[0]?.answer(done);
  await expect(reply).resolves.toEqual(done);
  it.attach(next.port);
  await settle();
  expect(next.asked).toEqual([]);
});

test("a pause ends with a new seat, and with the courier", async () => {
  const { courier: it, clock } = courier();
  const [old, next] = [seat(), seat()];
  const busy = fromRejection(rejection("busy", undefined, 60_000));
  it.attach(old.port);
  const replies = [it.perform("chat.send", command), it.read("queue.metrics", {})];
  await settle();
  for (const { fail } of old.asked) fail(busy);
  await settle();
  expect(clock.pending).toBe(2);
  it.detach();
  it.attach(next.port);
  await settle();
  next.asked[0]?.answer(done);
  next.asked[1]?.fail(busy);
  await expect(replies[0]).resolves.toEqual(done);
  it.close(new HugMeDoError("room_closed"));
  await expect(replies[1]).rejects.toMatchObject({ code: "room_closed" });
  expect(clock.pending).toBe(0);
});

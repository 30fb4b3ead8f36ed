import { expect, test } from "vitest";
import { bareSeats, keptSeat } from "../testing/bare-seats.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { RoomConnection } from "./room-connection.ts";

interface Messages {
  readonly said: string;
}

/** A connection to a room that says what the test makes it, with all that its host is told, in order. */
function connected() {
  const { seats, open } = bareSeats<string, Messages>();
  const clock = new ManualClock();
  const told: string[] = [];
  const connection = new RoomConnection<string, Messages>({
    open,
    clock,
    hints: () => () => undefined,
    host: {
      state: (state) => told.push(`state ${state}`),
      message: (_, text) => told.push(`said ${text}`),
      error: ({ re }) => told.push(`error ${re}`),
      catchUp: async () => {
        told.push("catch up");
      },
      lost: () => told.push("lost"),
      status: (status) => told.push(status),
    },
  });
  const seat = (at: number) => {
    const one = seats[at];
    if (!one) throw new Error(`Seat ${at} was not asked for.`);
    return one;
  };
  const since = () => told.splice(0);
  return { seats, seat, clock, connection, since };
}

test("a seat is used when it has shown its state, and what it said until then follows in order", async () => {
  const { seat, since } = connected();
  await settle();
  seat(0).listener.message("said", "before");
  await settle();
  expect(since()).toEqual([]);
  seat(0).listener.state("1");
  seat(0).listener.message("said", "after");
  await settle();
  expect(since()).toEqual(["said before", "state 1", "said after", "catch up", "live"]);
});

test("a seat that the room has left says nothing more, and may close when another is used", async () => {
  const { seats, seat, since } = connected();
  await settle();
  seat(0).listener.state("1");
  await settle();
  since();
  seat(0).listener.moved(keptSeat);
  seat(0).listener.state("late");
  seat(0).listener.message("said", "late");
  seat(0).listener.error({ re: "late", code: "busy", message: "" });
  await settle();
  expect(since()).toEqual(["lost"]);
  expect([seat(1).kept, seat(0).dropped]).toEqual([keptSeat, false]);
  seat(1).listener.state("2");
  await settle();
  expect(since()).toEqual(["state 2", "catch up"]);
  expect(seat(0).dropped).toBe(true);
  seat(0).listener.closed(4100);
  seat(0).listener.moved(keptSeat);
  await settle();
  expect(since()).toEqual([]);
  expect(seats).toHaveLength(2);
});

test("the newest of several kept seats is the one, wherever it was told of", async () => {
  const { seats, seat, since } = connected();
  await settle();
  seat(0).listener.state("1");
  await settle();
  since();
  for (const roomId of ["a", "b"]) seat(0).listener.moved({ ...keptSeat, roomId });
  await settle();
  seat(2).listener.moved({ ...keptSeat, roomId: "c" });
  seat(1).listener.state("of a");
  await settle();
  seat(3).listener.state("of c");
  await settle();
  expect(since()).toEqual(["lost", "state of c", "catch up"]);
  expect(seats.map(({ kept, dropped }) => [kept?.roomId, dropped])).toEqual([
    [undefined, true],
    ["a", true],
    ["b", true],
    ["c", false],
  ]);
});

test("a room that shows no state is given up as one that cannot be reached", async () => {
  const { seats, seat, clock, since } = connected();
  await clock.advance(10_000);
  expect(seat(0).dropped).toBe(true);
  await clock.advance(150);
  expect(seats).toHaveLength(2);
  expect(since()).toEqual(["lost"]);
});

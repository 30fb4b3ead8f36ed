import { expect, test } from "vitest";
import { bareSeats, keptSeat } from "../testing/bare-seats.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { RoomLink } from "./room-link.ts";

test("nothing is asked over a seat that is left in the moment in which it has shown everything", async () => {
  const { seats, open } = bareSeats<string, { readonly whole: boolean }>();
  let whole = false;
  const link = new RoomLink({
    open,
    clock: new ManualClock(),
    hints: () => () => undefined,
    host: {
      state: () => undefined,
      message: (_, said) => {
        whole = said;
      },
      complete: () => whole,
      lost: () => {
        whole = false;
      },
      status: () => undefined,
    },
  });
  await settle();
  seats[0]?.listener.state("1");
  await settle();
  void link.command("visit.knock", {});
  seats[0]?.listener.message("whole", true);
  seats[0]?.listener.moved(keptSeat);
  await settle();
  expect(seats[0]?.asked).toEqual([]);
  seats[1]?.listener.message("whole", true);
  seats[1]?.listener.state("2");
  await settle();
  expect(seats.map(({ asked }) => asked.map(({ name }) => name))).toEqual([[], ["visit.knock"]]);
});

import { expect, it } from "vitest";
import type { Principal } from "../../core/domain/principal.ts";
import type { QueueCommand } from "../../core/domain/queue/commands.ts";
import { reorderLimit } from "../../core/domain/queue/state.ts";
import { desk, person } from "../../core/domain/queue/testing/people.ts";
import { PlayedQueue, type Unnamed } from "../../core/domain/queue/testing/played-queue.ts";
import { PlaceKeeper } from "./place-keeper.ts";

const [first, second, third, fourth] = ["first", "second", "third", "fourth"].map((name) =>
  person(name, "patient"),
);

/** A queue of four, and who is told what of a command. */
function openQueue() {
  const queue = new PlayedQueue();
  const patients = [first, second, third, fourth].filter((one) => one !== undefined);
  const entries = patients.map((patient) => queue.join(patient));
  const keeper = new PlaceKeeper(() => queue.now);
  const here = new Map(patients.map(({ id }) => [id, true]));
  keeper.refresh(queue.state, 0, here.keys());
  const toldOf = (by: Principal, command: Unnamed<QueueCommand>): string[] => {
    queue.now += 1_000;
    const answer = queue.answer(by, command);
    if (!answer.ok) throw new Error(answer.rejection.code);
    return keeper.after(answer.events, queue.state, here).map((message) => message.person);
  };
  const move = (entry = "", before: string | null = null) =>
    toldOf(desk, { name: "queue.move", entry, before, reason: "because" });
  return { entries, move };
}

it("tells nobody whose place is the same, also not when why it once grew is forgotten", () => {
  const { entries, move } = openQueue();
  const [one, two, three, four] = entries;
  expect(move(two, one).sort()).toEqual(["first", "second"]);
  for (let i = 0; i < reorderLimit; i++) {
    expect(move(i % 2 === 0 ? four : three, i % 2 === 0 ? three : four).sort()).toEqual(["fourth", "third"]);
  }
});

import { expect, it } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { systemPrincipal } from "../../core/domain/principal.ts";
import type { RoomRequest } from "../cluster/bus.ts";
import { Gate } from "./gate.ts";

const by = systemPrincipal("clinic");
const asked = (name: string): RoomRequest => ({ ref: { kind: "chat", id: "c" }, by, name, payload: {} });

/** A gate, and where each request was answered. */
function bench() {
  const gate = new Gate();
  const answered: string[] = [];
  const there = async ({ name }: RoomRequest): Promise<object> => {
    answered.push(`${name} there`);
    return {};
  };
  const pass = (
    name: string,
    here: () => Promise<object> = async () => {
      answered.push(`${name} here`);
      return {};
    },
  ) => gate.pass(asked(name), here);
  return { gate, answered, there, pass };
}

const closed = () => Promise.reject(new DomainError("room_closed"));

it("lets everything through while it is open", async () => {
  const { answered, pass } = bench();
  await pass("one");
  expect(answered).toEqual(["one here"]);
});

it("holds what comes while it is shut, and answers it here, once and in order, when it opens", async () => {
  const { gate, answered, pass } = bench();
  gate.close();
  gate.close();
  const held = [pass("one"), pass("two")];
  await Promise.resolve();
  expect(answered).toEqual([]);
  gate.open();
  await Promise.all(held);
  expect(answered).toEqual(["one here", "two here"]);
  expect(gate.shut).toBe(false);
});

it("sends after the room what was held, what comes later, and what the room let go of as it left", async () => {
  const { gate, answered, there, pass } = bench();
  const begun = Promise.withResolvers<object>();
  const under = pass("under way", () => begun.promise);
  gate.close();
  const held = pass("held");
  gate.leadTo(there);
  begun.reject(new DomainError("room_closed"));
  await Promise.all([under, held]);
  await pass("later");
  expect([...answered].sort()).toEqual(["held there", "later there", "under way there"]);
});

it("sends nothing after the room that the room has answered itself, also when it was refused", async () => {
  const { gate, answered, there, pass } = bench();
  const begun = Promise.withResolvers<object>();
  const under = pass("under way", () => begun.promise);
  gate.close();
  gate.leadTo(there);
  begun.reject(new DomainError("forbidden"));
  await expect(under).rejects.toMatchObject({ code: "forbidden" });
  expect(answered).toEqual([]);
});

it("tells what was held that the room has ended where nobody knows where it is", async () => {
  const { gate, pass } = bench();
  gate.close();
  const held = pass("held", closed);
  gate.open();
  await expect(held).rejects.toMatchObject({ code: "room_closed" });
});

it("holds 256 at most; the others are told when to come again", async () => {
  const { gate, answered, pass } = bench();
  gate.close();
  const held = Array.from({ length: 256 }, (_, n) => pass(`${n}`));
  await expect(pass("too many")).rejects.toMatchObject({ code: "busy", retryAfterMs: expect.any(Number) });
  gate.open();
  await Promise.all(held);
  expect(answered).toHaveLength(256);
  gate.close();
  const again = pass("again");
  gate.open();
  await again;
  expect(answered.at(-1)).toBe("again here");
});

it("lets newcomers in when the room is here again, or has gone", async () => {
  const { gate, there } = bench();
  await gate.passable();
  gate.close();
  const newcomer = gate.passable().then(() => gate.left);
  gate.leadTo(there);
  expect(await newcomer).toBe(true);
});

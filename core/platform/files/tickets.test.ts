import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { createKeyRing } from "../crypto/key-ring.ts";
import { createTickets } from "./tickets.ts";

const key = createSecretKey(randomBytes(32));
const ring = createKeyRing("1", new Map([["1", key]]));
const schema = z.strictObject({ file: z.string(), until: z.int() });
const tickets = createTickets(ring, "test", schema);
const ticket = tickets.issue({ file: "f", until: 5 });

it("is known again, also after the master key was rotated", () => {
  expect(tickets.read(ticket)).toEqual({ file: "f", until: 5 });
  const next = createSecretKey(randomBytes(32));
  const rotated = createKeyRing(
    "2",
    new Map([
      ["1", key],
      ["2", next],
    ]),
  );
  expect(createTickets(rotated, "test", schema).read(ticket)).toEqual({ file: "f", until: 5 });
});

it("is good for its use alone, and not when one bit is another", () => {
  expect(createTickets(ring, "another", schema).read(ticket)).toBeNull();
  const other = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  expect(createTickets(other, "test", schema).read(ticket)).toBeNull();
  for (let i = 0; i < ticket.length; i += 1) {
    const changed = `${ticket.slice(0, i)}${ticket[i] === "A" ? "B" : "A"}${ticket.slice(i + 1)}`;
    // The last digit of base64 has bits that count for nothing.
    if (i !== ticket.length - 1) expect(tickets.read(changed), `${i}`).toBeNull();
  }
  fc.assert(fc.property(fc.string(), (text) => tickets.read(text) === null));
  expect(tickets.read(`${ticket}.x`)).toBeNull();
  expect(tickets.read("")).toBeNull();
});

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { deriveKeys } from "../../core/platform/crypto/data-keys.ts";
import { Standby } from "./standby.ts";

/** A room that its owner of epoch 5 is to hand over; taking it over goes as it is told. */
function bench() {
  const claim = Promise.withResolvers<void>();
  let claims = 0;
  const loaded = {
    ref: { kind: "chat", id: "c" } as const,
    org: "clinic",
    key: deriveKeys("k", randomBytes(32)),
    epoch: 5,
    state: null,
    seq: 0,
    lastAt: 0,
  };
  const standby = new Standby(loaded, () => {
    claims += 1;
    return claim.promise;
  });
  return { standby, claim, claims: () => claims };
}

test("a room is taken over once, however often it is asked for", async () => {
  const { standby, claim, claims } = bench();
  expect([standby.awaits(4), standby.awaits(5)]).toEqual([false, true]);
  const arrivals = [standby.arrive(), standby.arrive()];
  claim.resolve();
  await Promise.all(arrivals);
  await standby.arrive();
  expect(claims()).toBe(1);
  expect(standby.abandon()).toBe(false);
});

test("a room that is being claimed is not let go of: it may be ours already", async () => {
  const { standby, claim } = bench();
  const arrival = standby.arrive();
  expect(standby.abandon()).toBe(false);
  claim.resolve();
  await arrival;
});

test("one that could not be claimed, or was let go of, does not come any more", async () => {
  const { standby, claim } = bench();
  const arrival = standby.arrive();
  claim.reject(new DomainError("room_closed"));
  await expect(arrival).rejects.toMatchObject({ code: "room_closed" });
  expect([standby.awaits(5), standby.abandon()]).toEqual([false, true]);

  const other = bench();
  expect(other.standby.abandon()).toBe(true);
  await expect(other.standby.arrive()).rejects.toMatchObject({ code: "room_closed" });
  expect(other.claims()).toBe(0);
});

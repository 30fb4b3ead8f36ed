import { expect, test } from "vitest";
import { createPasswords, scryptKey } from "./passwords.ts";

const cost = { logN: 4, r: 8, p: 1 };
const passwords = createPasswords({ cost });

test("a hash verifies its password and no other", async () => {
  const hash = await passwords.hash("pässword 山");
  expect(hash).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await passwords.verify(hash, "pässword 山")).toBe(true);
  expect(await passwords.verify(hash, "pässword 川")).toBe(false);
  expect(await passwords.verify(hash, "")).toBe(false);
});

test("two hashes of one password differ", async () => {
  expect(await passwords.hash("same")).not.toBe(await passwords.hash("same"));
});

test("compatibility forms of a character are the same password", async () => {
  const hash = await passwords.hash("ｄｅｍｏ１");
  expect(await passwords.verify(hash, "demo1")).toBe(true);
});

test("a lone surrogate in a password is a wrong password, not a fault", async () => {
  expect(await passwords.verify(await passwords.hash("x"), "\ud800")).toBe(false);
});

test("without a user the same work is done before the answer, which is no", async () => {
  const done: unknown[] = [];
  const observed = createPasswords({
    cost,
    derivation: async (password, salt, by) => {
      const key = await scryptKey(password, salt, by);
      done.push({ password, saltBytes: salt.length, by });
      return key;
    },
  });
  const hash = await observed.hash("right");
  for (const known of [hash, null, "plain"]) {
    done.length = 0;
    expect(await observed.verify(known, "wrong")).toBe(false);
    expect(done).toEqual([{ password: "wrong", saltBytes: 16, by: cost }]);
  }
});

test("a hash that is not ours verifies nothing", async () => {
  for (const hash of ["", "plain", "$argon2id$v=19$m=1,t=1,p=1$AA$AA", "$scrypt$ln=4,r=8,p=1$AA$AA"]) {
    expect(await passwords.verify(hash, "plain")).toBe(false);
  }
});

test("a hash made with another cost is dated but still good", async () => {
  const hash = await createPasswords({ cost: { logN: 5, r: 8, p: 1 } }).hash("x");
  expect(passwords.isDated(hash)).toBe(true);
  expect(passwords.isDated(await passwords.hash("x"))).toBe(false);
  expect(await passwords.verify(hash, "x")).toBe(true);
});

test("beyond the line the answer is unavailable, and the line moves on", async () => {
  const narrow = createPasswords({ cost, atOnce: 1, waiting: 2 });
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => narrow.hash("x")));
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
  expect(results[3]).toMatchObject({ reason: { code: "unavailable", retryAfterMs: 2_000 } });
  await expect(narrow.hash("x")).resolves.toBeTypeOf("string");
});

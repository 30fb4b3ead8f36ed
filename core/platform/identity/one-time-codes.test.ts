import { expect, test } from "vitest";
import { enrolmentOf, newRecoveryCodes, newSecret, recoveryHash, stepOf } from "./one-time-codes.ts";

/** RFC 6238, appendix B: the vectors of SHA-1, of which the last six digits are ours. */
const secret = new TextEncoder().encode("12345678901234567890");
const vectors: readonly (readonly [number, string])[] = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
];

test.each(vectors)("at %d s the code is %s", (seconds, code) => {
  expect(stepOf(secret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30));
});

test("a code is good in its own step and in those beside it, and says which is its own", () => {
  const at = (seconds: number) => stepOf(secret, "287082", seconds * 1_000);
  expect([at(0), at(29), at(30), at(59), at(60), at(89)]).toEqual([1, 1, 1, 1, 1, 1]);
  expect(at(90)).toBeNull();
  expect(at(1_000)).toBeNull();
});

test.each(["２８７０８２", " 287 082 "])("%j is a code too", (code) => {
  expect(stepOf(secret, code, 59_000)).toBe(1);
});

test.each(["", "28708", "2870820", "abcdef", "28708²½", "٢٨٧٠٨٢", "\0".repeat(6)])(
  "%j is no code",
  (code) => {
    expect(stepOf(secret, code, 59_000)).toBeNull();
  },
);

test("what an app is told is what we check with", () => {
  const made = newSecret();
  expect(made).toHaveLength(20);
  const { secret: base32, uri } = enrolmentOf(made, "a:b&c");
  const url = new URL(uri);
  expect([url.protocol, url.host, url.pathname]).toEqual(["otpauth:", "totp", "/HugMeDo:a%3Ab%26c"]);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    ...{ issuer: "HugMeDo", secret: base32, algorithm: "SHA1", digits: "6", period: "30" },
  });
  expect(base32).toMatch(/^[A-Z2-7]{32}$/);
});

test("recovery codes are ten, of four times four characters, and are known however they are typed", () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
    const typed = code.toUpperCase().replaceAll("-", " ").replaceAll("0", "O").replaceAll("1", "l");
    expect(recoveryHash(typed)).toEqual(recoveryHash(code));
    expect(recoveryHash(code.slice(1))).toBeNull();
  }
  expect(recoveryHash("287082")).toBeNull();
});

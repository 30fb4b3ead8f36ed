import { expect, test } from "vitest";
import { createThrottle, networkOf } from "./throttle.ts";

const limited = expect.objectContaining({ code: "rate_limited" });

function fixture(keys?: number) {
  const clock = { time: 1_000_000 };
  const throttle = createThrottle(() => clock.time, { burst: 3, everyMs: 1_000, ...(keys ? { keys } : {}) });
  return { clock, throttle };
}

test("a burst is let through, then one at a time", () => {
  const { clock, throttle } = fixture();
  for (let i = 0; i < 3; i += 1) throttle.take("a");
  expect(() => throttle.take("a")).toThrow(
    expect.objectContaining({ code: "rate_limited", retryAfterMs: 1_000 }),
  );
  clock.time += 999;
  expect(() => throttle.take("a")).toThrow(limited);
  clock.time += 1;
  throttle.take("a");
  expect(() => throttle.take("a")).toThrow(limited);
});

test("tries that were refused cost nothing", () => {
  const { clock, throttle } = fixture();
  for (let i = 0; i < 3; i += 1) throttle.take("a");
  for (let i = 0; i < 10; i += 1) expect(() => throttle.take("a")).toThrow(limited);
  clock.time += 3_000;
  for (let i = 0; i < 3; i += 1) throttle.take("a");
});

test("keys do not share a bucket, and a cleared one is full", () => {
  const { throttle } = fixture();
  for (let i = 0; i < 3; i += 1) throttle.take("a");
  throttle.take("b");
  throttle.clear("a");
  throttle.take("a");
});

test("memory is bounded: the longest unused key is forgotten", () => {
  const { throttle } = fixture(2);
  for (let i = 0; i < 3; i += 1) throttle.take("a");
  throttle.take("b");
  throttle.take("c");
  throttle.take("a");
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2"],
  ["2001:db8:0001:2::9", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["", ""],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

import { isIPv6 } from "node:net";
import { DomainError } from "../../domain/errors.ts";

/** A token bucket per key: `burst` tries at once, then one every `everyMs`. */
export interface Throttle {
  /** Takes one try. Throws `rate_limited` with the time until the next one. */
  take(key: string): void;
  /** Gives everything back: what was tried was right. */
  clear(key: string): void;
}

export interface ThrottleOptions {
  readonly burst: number;
  readonly everyMs: number;
  /** Keys remembered; the longest unused one goes first. */
  readonly keys?: number;
}

export function createThrottle(
  now: () => number,
  { burst, everyMs, keys = 50_000 }: ThrottleOptions,
): Throttle {
  /** When each key's bucket will be full again: all that a bucket is. */
  const fullAt = new Map<string, number>();
  return {
    take: (key) => {
      const time = now();
      const next = Math.max(fullAt.get(key) ?? 0, time) + everyMs;
      const wait = next - time - burst * everyMs;
      if (wait > 0) throw new DomainError("rate_limited", undefined, { retryAfterMs: Math.ceil(wait) });
      fullAt.delete(key);
      fullAt.set(key, next);
      if (fullAt.size > keys) fullAt.delete(fullAt.keys().next().value ?? key);
    },
    clear: (key) => {
      fullAt.delete(key);
    },
  };
}

/** One guesser: an IPv4 address, or the /64 that a single IPv6 subscriber has. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  const [head = "", tail = ""] = address.split("%")[0]?.split("::") ?? [];
  const left = head.split(":").filter(Boolean);
  const right = tail.split(":").filter(Boolean);
  const groups = address.includes("::")
    ? [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right]
    : left;
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../domain/errors.ts";
import type { Pace } from "./guess-pace.ts";
import type { GuessTallies } from "./guess-tallies.ts";
import { type Origin, placeOf } from "./origin.ts";
import { networkOf } from "./throttle.ts";

/**
 * Keeps passwords from being guessed, whether the name exists or not: nothing here asks. A name from one network is refused
 * for ever longer times, and so is a network that tries many names. A name alone is only slowed, so that nobody can lock another out from
 * elsewhere; and not at all where its owner has signed in from before.
 */
export interface GuessLimits {
  /** Before a password is looked at. Throws `rate_limited`. */
  guess(name: string, from: Origin): Promise<void>;
  right(name: string, from: Origin): Promise<void>;
}

export interface GuessLimitsOptions {
  readonly tallies: GuessTallies;
  /** Whether the name's owner, if there is one, has signed in from this network lately. */
  readonly knows: (name: string, network: string) => Promise<boolean>;
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
}

const minute = 60_000;
const hour = 60 * minute;
/** Of a name from one network. */
const here: Pace = { free: 8, firstMs: 15_000, longestMs: 5 * minute, forgetMs: hour };
/** Of a network, whatever the name: a clinic has many people behind one address, and most know their password. */
const network: Pace = { free: 100, firstMs: 1_000, longestMs: minute, forgetMs: hour };
/** Of a name, wherever from. */
const anywhere: Pace = { free: 20, firstMs: 250, longestMs: 4_000, forgetMs: hour };

export function createGuessLimits({ tallies, knows, pause = sleep }: GuessLimitsOptions): GuessLimits {
  const take = async (key: string, pace: Pace) => {
    const retryAfterMs = await tallies.try(key, pace);
    if (retryAfterMs > 0) throw new DomainError("rate_limited", undefined, { retryAfterMs });
  };
  return {
    guess: async (name, from) => {
      const at = networkOf(from.address);
      await take(`here ${at} ${name}`, here);
      await take(`network ${at}`, network);
      const slowMs = await tallies.slow(`anywhere ${name}`, anywhere);
      const site = placeOf(from).network;
      if (slowMs === 0 || (site !== null && (await knows(name, site)))) return;
      await pause(slowMs);
    },
    right: async (name, from) => {
      const at = networkOf(from.address);
      await Promise.all([tallies.clear(`here ${at} ${name}`), tallies.giveBack(`network ${at}`)]);
      await tallies.giveBack(`anywhere ${name}`);
    },
  };
}

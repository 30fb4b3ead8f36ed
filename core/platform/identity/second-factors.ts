import { renderSVG } from "uqr";
import { DomainError } from "../../domain/errors.ts";
import type { SecondFactorRepository } from "../repositories/second-factors.ts";
import { enrolmentOf, newRecoveryCodes, newSecret, recoveryHash, stepOf } from "./one-time-codes.ts";
import type { Wrapping } from "./signing-keys.ts";

/** What an authenticator app is given, once. */
export interface Enrolment {
  /** Base32, to be typed. */
  readonly secret: string;
  /** `otpauth://…`, to be opened. */
  readonly uri: string;
  /** The same as a QR code: an SVG image. */
  readonly qr: string;
}

export interface SecondFactorState {
  readonly enabled: boolean;
  /** In ms since the epoch. */
  readonly since: number | null;
  readonly recoveryCodesLeft: number;
}

/** People's authenticator apps, and the codes for when the phone is lost. */
export interface SecondFactors {
  state(person: string): Promise<SecondFactorState>;
  /** A new secret, which counts once a code of it was shown. `label`: what the app calls it. Throws `already_exists`. */
  begin(person: string, label: string): Promise<Enrolment>;
  /**
   * The app's first code. Returns the recovery codes, which are kept nowhere. Throws `code_rejected`, `rate_limited`,
   * `not_found` when nothing was begun, `already_exists`.
   */
  confirm(person: string, code: string): Promise<readonly string[]>;
  /**
   * A code of the app, or a recovery code; each is good once, on all processes. Throws `code_rejected`, `rate_limited`;
   * `not_found` without a second factor.
   */
  use(person: string, code: string): Promise<void>;
  /** New recovery codes in place of the old. */
  renewRecovery(person: string): Promise<readonly string[]>;
  /** Of a person of this organisation. False: there was none. */
  remove(org: string, person: string): Promise<boolean>;
}

export interface SecondFactorsOptions {
  readonly repository: SecondFactorRepository;
  readonly wrapping: Wrapping;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Of one person, wherever they guess: ten wrong codes at once, then one in half a minute. */
const guesses = { burst: 10, everyMs: 30_000 };
const context = (person: string) => `second-factor ${person}`;

export function createSecondFactors({ repository, wrapping, now }: SecondFactorsOptions): SecondFactors {
  const stored = async (person: string) => {
    const factor = await repository.find(person);
    if (!factor) throw new DomainError("not_found", "There is no second factor. Set one up first.");
    return factor;
  };
  /** Counted before it is looked at, so that many at once are no more than as many one by one. */
  const guess = async (person: string) => {
    const wait = await repository.takeGuess(person, now(), guesses);
    if (wait > 0) throw new DomainError("rate_limited", undefined, { retryAfterMs: wait });
  };
  const stepIn = async (person: string, wrapped: Uint8Array, code: string) =>
    stepOf(await wrapping.unwrap(wrapped, context(person)), code, now());
  const hashes = (codes: readonly string[]) => codes.flatMap((code) => recoveryHash(code) ?? []);

  return {
    state: async (person) => {
      const factor = await repository.find(person);
      const since = factor?.confirmedAt ?? null;
      const recoveryCodesLeft = since === null ? 0 : await repository.recoveryLeft(person);
      return { enabled: since !== null, since, recoveryCodesLeft };
    },
    begin: async (person, label) => {
      const secret = newSecret();
      const wrapped = await wrapping.wrap(secret, context(person));
      if (!(await repository.begin(person, wrapped, now()))) throw new DomainError("already_exists");
      const { uri, ...enrolment } = enrolmentOf(secret, label);
      return { ...enrolment, uri, qr: renderSVG(uri, { border: 2 }) };
    },
    confirm: async (person, code) => {
      const { secret, confirmedAt } = await stored(person);
      if (confirmedAt !== null) throw new DomainError("already_exists");
      await guess(person);
      const step = await stepIn(person, secret, code);
      if (step === null) throw new DomainError("code_rejected");
      const recovery = newRecoveryCodes();
      const confirmed = await repository.confirm(person, step, now(), hashes(recovery));
      if (!confirmed) throw new DomainError("already_exists");
      return recovery;
    },
    use: async (person, code) => {
      const { secret, confirmedAt } = await stored(person);
      if (confirmedAt === null) throw new DomainError("not_found");
      await guess(person);
      const recovery = recoveryHash(code);
      const step = recovery ? null : await stepIn(person, secret, code);
      const used =
        (recovery && (await repository.useRecovery(person, recovery, now()))) ||
        (step !== null && (await repository.useStep(person, step)));
      if (!used) throw new DomainError("code_rejected");
      await repository.clearGuesses(person);
    },
    renewRecovery: async (person) => {
      const recovery = newRecoveryCodes();
      await repository.replaceRecovery(person, hashes(recovery));
      return recovery;
    },
    remove: repository.remove,
  };
}

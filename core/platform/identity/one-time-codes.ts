import { createHash, randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";

/** Time-based one-time codes as every authenticator app makes them (RFC 6238): SHA-1, six digits, 30 seconds. */
const periodSeconds = 30;
const periodMs = periodSeconds * 1_000;
/** A code of the step before or after is taken too: clocks differ, and typing takes a while (RFC 6238, 5.2). */
const window = 1;
/** 160 bits (RFC 4226, 4). */
const secretBytes = 20;

export function newSecret(): Uint8Array {
  return randomBytes(secretBytes);
}

/** The time step that the code is of, if it is one of those around `now` (ms since the epoch); null: it is of none. */
export function stepOf(secret: Uint8Array, code: string, now: number): number | null {
  const token = plain(code);
  if (!/^[0-9]{6}$/.test(token)) return null;
  const delta = totpOf(secret).validate({ token, timestamp: now, window });
  return delta === null ? null : Math.floor(now / periodMs) + delta;
}

/** The secret in base32, and as the address that authenticator apps read from a QR code. */
export function enrolmentOf(
  secret: Uint8Array,
  label: string,
): { readonly secret: string; readonly uri: string } {
  const totp = totpOf(secret, label);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

function totpOf(secret: Uint8Array, label = ""): TOTP {
  const buffer = Uint8Array.from(secret).buffer;
  return new TOTP({ issuer: "HugMeDo", label, secret: new Secret({ buffer }), period: periodSeconds });
}

/** Crockford's: none of its characters is taken for another. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const recoveryCodes = 10;
const codeLength = 16;
/** Too long to be guessed, also by whoever has its hash: 80 bits. */
const recoveryPattern = new RegExp(`^[${alphabet}]{${codeLength}}$`);

/** `4d7k-…`, four times four characters. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodes }, () => {
    const characters = [...randomBytes(codeLength)].map((byte) => alphabet.charAt(byte % alphabet.length));
    return characters.join("").replaceAll(/.{4}(?=.)/g, "$&-");
  });
}

/** The hash of a recovery code, however it was typed; null: this is none. */
export function recoveryHash(code: string): Uint8Array | null {
  const typed = plain(code).toLowerCase().replaceAll("o", "0").replaceAll(/[il]/g, "1");
  return recoveryPattern.test(typed) ? createHash("sha256").update(typed).digest() : null;
}

/** As it was meant: wide digits are digits, spaces and hyphens only part them. */
function plain(code: string): string {
  return code.normalize("NFKC").replaceAll(/[\s-]/g, "");
}

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";

/** scrypt's work (RFC 7914): N = 2^logN, block size r, parallelism p. Memory is 128 · N · r bytes. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and a quarter of a second of one core. */
export const defaultCost: ScryptCost = { logN: 15, r: 8, p: 3 };

export interface Passwords {
  /** A PHC string: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the hashed one. Without a hash (no such user) the same work is done, and it is
   * false. Throws `unavailable` when too many are waiting already.
   */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Whether the hash was made with another cost than is used now. */
  isDated(hash: string): boolean;
}

interface Parsed {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const keyLength = 32;
const saltLength = 16;
const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Makes a key of a password: all the work there is in a hash. */
export type Derivation = (password: string, salt: Buffer, cost: ScryptCost) => Promise<Buffer>;

export interface PasswordsOptions {
  readonly cost?: ScryptCost;
  readonly atOnce?: number;
  readonly waiting?: number;
  readonly derivation?: Derivation;
}

/** At most `atOnce` hashes are computed at a time, so that sign-ins cannot take all memory and threads. */
export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const cost = options.cost ?? defaultCost;
  const run = createGate(options.atOnce ?? 2, options.waiting ?? 64);
  const derivation = options.derivation ?? scryptKey;
  const derive: Derivation = (password, salt, by) => run(() => derivation(password, salt, by));

  return {
    hash: async (password) => {
      const salt = randomBytes(saltLength);
      return format({ cost, salt, key: await derive(password, salt, cost) });
    },
    verify: async (hash, password) => {
      const known = hash === null ? null : parse(hash);
      const {
        cost: by,
        salt,
        key,
      } = known ?? { cost, salt: randomBytes(saltLength), key: randomBytes(keyLength) };
      const same = timingSafeEqual(await derive(password, salt, by), key);
      return known !== null && same;
    },
    isDated: (hash) => {
      const known = parse(hash)?.cost;
      return known?.logN !== cost.logN || known.r !== cost.r || known.p !== cost.p;
    },
  };
}

function parse(hash: string): Parsed | null {
  const [, logN, r, p, salt, key] = phc.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return null;
  const parsed = {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    key: Buffer.from(key, "base64"),
  };
  return parsed.key.length === keyLength ? parsed : null;
}

function format({ cost, salt, key }: Parsed): string {
  const encode = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${encode(salt)}$${encode(key)}`;
}

/** Text is normalised first (NFKC): the same password typed on another keyboard is the same bytes. */
export const scryptKey: Derivation = (password, salt, { logN, r, p }) => {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, keyLength, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
};

/** Runs `atOnce` jobs at a time and lets some wait in line; throws `unavailable` beyond that. */
function createGate(atOnce: number, waiting: number) {
  const line: (() => void)[] = [];
  let running = 0;
  return async <T>(job: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1;
    else {
      if (line.length >= waiting) throw new DomainError("unavailable", undefined, { retryAfterMs: 2_000 });
      await new Promise<void>((resolve) => line.push(resolve));
    }
    try {
      return await job();
    } finally {
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

import { createSecretKey, hkdfSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { open, seal } from "./envelope.ts";

/**
 * Wraps the keys that encrypt data. The wrapped bytes name the master key that wrapped them, so several
 * can be in use while one replaces another. `context` says what is wrapped and must be the same to unwrap.
 */
export interface KeyRing {
  wrap(secret: Uint8Array, context: string): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>;
  /**
   * A key for another use (HKDF-SHA256): of the current master key, or of the one that is named. Throws where that is
   * missing.
   */
  derive(use: string, name?: string): DerivedKey;
}

export interface DerivedKey {
  /** Of the master key that it comes from. */
  readonly name: string;
  readonly key: KeyObject;
}

const keyFile = z.object({
  current: z.string().min(1).max(64),
  keys: z.record(
    z.string(),
    z.base64().refine((key) => Buffer.from(key, "base64").length === 32, "32 bytes"),
  ),
});

/**
 * Master keys from a file: `{ "current": "<name>", "keys": { "<name>": "<32 bytes, base64>" } }`. To rotate,
 * add a key and make it current; leave the old one in place. Without the file one is made, readable by its owner alone.
 */
export async function openKeyFile(path: string): Promise<KeyRing> {
  await createOnce(path);
  const parsed = keyFile.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success || !Object.hasOwn(parsed.data.keys, parsed.data.current)) {
    throw new Error(`KEY_FILE: ${path} is not a file of master keys. Restore it from your backup.`);
  }
  const { current, keys } = parsed.data;
  return createKeyRing(
    current,
    new Map(Object.entries(keys).map(([name, key]) => [name, createSecretKey(key, "base64")])),
  );
}

export function createKeyRing(current: string, keys: ReadonlyMap<string, KeyObject>): KeyRing {
  const find = (name: string): KeyObject => {
    const key = keys.get(name);
    if (!key) throw new Error(`Master key "${name}" is missing from the key file. Put it back.`);
    return key;
  };
  return {
    wrap: async (secret, context) => {
      const name = Buffer.from(current);
      return Buffer.concat([Buffer.of(name.length), name, seal(find(current), secret, context)]);
    },
    derive: (use, name = current) => {
      const derived = hkdfSync("sha256", find(name), new Uint8Array(), use, 32);
      return { name, key: createSecretKey(Buffer.from(derived)) };
    },
    unwrap: async (wrapped, context) => {
      const end = 1 + (wrapped[0] ?? 0);
      const name = Buffer.from(wrapped.subarray(1, end)).toString();
      return open(find(name), wrapped.subarray(end), context);
    },
  };
}

/** Of several processes that start together, one makes the file. */
async function createOnce(path: string): Promise<void> {
  if (await exists(path)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const content = { current: "1", keys: { "1": randomBytes(32).toString("base64") } };
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(await exists(path))) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

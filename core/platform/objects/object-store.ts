/**
 * Bytes by name. A name is made of parts of letters, digits and `. _ -`, with `/` between them; no part begins with a dot. Everything throws
 * DomainError `unavailable` when the store cannot be reached.
 */
export interface ObjectStore {
  /** Whole or not at all, and flushed once it resolves. What had the name before is replaced. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** null: there is no such object. */
  get(name: string): Promise<Buffer | null>;
  /** The names of everything in this folder (`a/b/`, or `` for all), at any depth, in order. */
  list(folder: string): Promise<readonly string[]>;
  /** Everything in this folder is gone once it resolves. */
  remove(folder: string): Promise<void>;
}

/** A way into the store past us, for whoever sends a file: exactly those bytes, and for a while. */
export interface Arrivals {
  /** How a browser sends it with a PUT: to which address, and with which headers. The store refuses any other bytes. */
  grant(
    arrival: Arrival,
  ): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
}

export interface Arrival {
  readonly name: string;
  readonly bytes: number;
  readonly type: string;
  readonly sha256: Buffer;
  /** For how long it may be sent. */
  readonly seconds: number;
}

const part = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";
const namePattern = new RegExp(`^${part}(/${part}){0,15}$`);
const folderPattern = new RegExp(`^(${part}/){0,15}$`);

/** Throws where a name could lead out of the store: it is never made of what a client sent unchecked. */
export function assertName(name: string): void {
  if (!namePattern.test(name)) throw new Error("not the name of an object");
}

export function assertFolder(folder: string): void {
  if (!folderPattern.test(folder)) throw new Error("not a folder of objects");
}

import { ExponentialBackoff, handleAll, retry, TimeoutStrategy, timeout, wrap } from "cockatiel";

export interface PieceLimits {
  /** A piece is stored when it is so long, */
  readonly pieceBytes: number;
  /** or so old (ms). What is younger is lost in a crash. */
  readonly pieceMs: number;
  /** So much may wait for the store; then nothing more is read. */
  readonly heldBytes: number;
  /** A piece that cannot be stored for so long ends it all (ms). */
  readonly patienceMs: number;
  /** The store is asked again when it has not answered by then (ms). */
  readonly answerMs: number;
}

export const usualPieces: PieceLimits = {
  pieceBytes: 1024 * 1024,
  pieceMs: 2_000,
  heldBytes: 16 * 1024 * 1024,
  patienceMs: 60_000,
  answerMs: 10_000,
};

/** Stores a piece; again, it does nothing more. */
export type PutPiece = (index: number, bytes: Uint8Array) => Promise<void>;

/**
 * Stores a stream as it comes, in pieces that make it again when they are joined in order. Resolves with how many there are once
 * the stream has ended and all of them are stored. Throws when the store has been away for too long; the stream is then to be ended.
 */
export async function storeInPieces(
  source: AsyncIterable<Uint8Array>,
  put: PutPiece,
  limits: PieceLimits = usualPieces,
): Promise<number> {
  const held = new Held(limits);
  const patiently = wrap(
    timeout(limits.patienceMs, TimeoutStrategy.Aggressive),
    retry(handleAll, {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 5_000 }),
    }),
    timeout(limits.answerMs, TimeoutStrategy.Aggressive),
  );
  void held.fill(source);
  try {
    for (let index = 0; ; index += 1) {
      const piece = await held.next();
      if (piece === null) return index;
      await patiently.execute(() => put(index, piece));
    }
  } finally {
    held.close();
  }
}

/** What has been read and is not stored. */
class Held {
  readonly #limits: PieceLimits;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  /** When the oldest byte came; null: there is none. */
  #since: number | null = null;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  constructor(limits: PieceLimits) {
    this.#limits = limits;
  }

  /** Reads on for as long as there is room. A stream that breaks has ended there. */
  async fill(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of source) {
        if (this.#ended) return;
        this.#parts.push(bytes);
        this.#bytes += bytes.length;
        this.#since ??= performance.now();
        this.#tell();
        while (this.#bytes >= this.#limits.heldBytes && !this.#ended) await this.#changed.promise;
      }
    } catch {
      // What came before is kept.
    } finally {
      this.close();
    }
  }

  /** The next piece, once it is to be stored; null: that was all. */
  async next(): Promise<Uint8Array | null> {
    const { pieceBytes, pieceMs } = this.#limits;
    while (!this.#ended && this.#bytes < pieceBytes) {
      const left =
        this.#since === null ? Number.POSITIVE_INFINITY : this.#since + pieceMs - performance.now();
      if (left <= 0) break;
      await this.#change(left);
    }
    return this.#bytes === 0 ? null : this.#take(pieceBytes);
  }

  close(): void {
    this.#ended = true;
    this.#tell();
  }

  #take(most: number): Uint8Array {
    const all = Buffer.concat(this.#parts);
    const rest = all.subarray(most);
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#since = rest.length > 0 ? performance.now() : null;
    this.#tell();
    return all.subarray(0, most);
  }

  /** Waits until something has changed, for at most so long. */
  async #change(ms: number): Promise<void> {
    if (ms === Number.POSITIVE_INFINITY) return this.#changed.promise;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([this.#changed.promise, late]);
    clearTimeout(timer);
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

import { isPassing, toHugMeDoError } from "../errors.ts";
import { backoff } from "../lib/backoff.ts";
import { type Clock, sleep } from "../lib/clock.ts";

/** Brings a piece to the server. Rejects with HugMeDoErrors; again, it does nothing more. */
export type Upload = (index: number, bytes: Blob) => Promise<void>;

export interface PiecesParts {
  readonly upload: Upload;
  readonly clock: Clock;
  /** It cannot go on: too much waits, or the server takes nothing more. */
  failed(): void;
}

/** So much may wait for the server (bytes): a minute and a half of pictures at their best. */
const mostHeld = 16 * 1024 * 1024;
/** The server takes what comes so long after the end (ms). */
const afterEnd = 30_000;

/** What a browser has recorded and the server does not have yet, in order. A piece goes again until it is there. */
export class RecordedPieces {
  private readonly parts: PiecesParts;
  private readonly waiting: Blob[] = [];
  private held = 0;
  private index = 0;
  private sending: Promise<void> | null = null;
  private until = Number.POSITIVE_INFINITY;
  private given = false;

  constructor(parts: PiecesParts) {
    this.parts = parts;
  }

  add(bytes: Blob): void {
    if (bytes.size === 0 || this.given) return;
    this.waiting.push(bytes);
    this.held += bytes.size;
    if (this.held > mostHeld) this.parts.failed();
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
  }

  /** Nothing more comes. Resolves with whether everything is there, as soon as that is known. */
  async end(): Promise<boolean> {
    this.until = this.parts.clock.now() + afterEnd;
    while (this.sending) await this.sending;
    return !this.given;
  }

  private async send(): Promise<void> {
    for (let attempt = 0; ; ) {
      const [next] = this.waiting;
      if (!next || this.given) return;
      try {
        await this.parts.upload(this.index, next);
        attempt = 0;
        this.index += 1;
        this.waiting.shift();
        this.held -= next.size;
      } catch (error) {
        const { clock } = this.parts;
        const late = clock.now() > this.until;
        if (late || !isPassing(toHugMeDoError(error).code)) return this.giveUp();
        await sleep(clock, backoff(clock, attempt));
        attempt += 1;
      }
    }
  }

  private giveUp(): void {
    this.given = true;
    this.waiting.length = 0;
    this.held = 0;
    this.parts.failed();
  }
}

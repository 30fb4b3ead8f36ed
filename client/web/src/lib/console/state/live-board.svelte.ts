import type { Board, BoardSnapshot, CommandReply } from "../../../../../sdk/index.ts";
import { clockOffset } from "../view/spans.ts";

/** A queue as the page sees it: its snapshot and the time on the server's clock are reactive. */
export class LiveBoard {
  readonly board: Board;
  #snapshot: BoardSnapshot;
  #ticked = $state(Date.now());
  #offset = $state(0);

  constructor(board: Board) {
    this.board = board;
    this.#snapshot = $state.raw(board.snapshot);
  }

  get snapshot(): BoardSnapshot {
    return this.#snapshot;
  }

  /** The time by the server's clock, as far as its answers tell; moves every second. */
  get now(): number {
    return this.#ticked + this.#offset;
  }

  /** Follows the queue until the returned function is called, which leaves it. `changed` is told both pictures. */
  start(changed: (previous: BoardSnapshot, next: BoardSnapshot) => void): () => void {
    // What came between the making and the start.
    this.#snapshot = this.board.snapshot;
    const unsubscribe = this.board.on("change", (next) => {
      const previous = this.#snapshot;
      this.#snapshot = next;
      changed(previous, next);
    });
    const timer = setInterval(() => {
      this.#ticked = Date.now();
    }, 1_000);
    return () => {
      unsubscribe();
      clearInterval(timer);
      void this.board.disconnect().catch(() => undefined);
    };
  }

  /** Sends a command, and learns the time from its answer. */
  async ask(send: (board: Board) => Promise<CommandReply>): Promise<CommandReply> {
    const sent = Date.now();
    const reply = await send(this.board);
    this.#offset = clockOffset(this.#offset, reply.at, sent, Date.now());
    return reply;
  }
}

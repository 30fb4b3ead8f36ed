import { createServer, type Server, Socket } from "node:net";
import { freePort } from "../../support/ports.ts";

/** How a line is cut: connections are refused and reset, or stay open and carry nothing. */
export type Cut = "refused" | "silent";

/** A line to a service, of ours: what uses it knows only this port. */
export interface TcpLine {
  readonly port: number;
  cut(how: Cut): void;
  /** Connections from before do not come back to life. */
  mend(): void;
  /** Everything takes so much longer, each way (ms). */
  delay(ms: number): void;
  /**
   * Ends the next connections on which the service is asked something with `mark` in it: the service does it,
   * and its answer is lost. Resolves when that has happened so often.
   */
  loseAnswers(mark: string, times: number): Promise<void>;
  dispose(): Promise<void>;
}

interface Loss {
  readonly mark: string;
  left: number;
  done(): void;
}

/** PostgreSQL ends what it answers with ReadyForQuery: this type, this length, and a byte. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5]);

/** Opens a line to a port of this machine. */
export async function openLine(target: number): Promise<TcpLine> {
  const line = new Line(target);
  await line.listen(await freePort());
  return line;
}

class Line implements TcpLine {
  port = 0;
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #state = { cut: null as Cut | null, delayMs: 0, loss: null as Loss | null };

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#take(client));
  }

  listen(port: number): Promise<void> {
    this.port = port;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  cut(how: Cut): void {
    this.#state.cut = how;
    if (how === "refused") this.#endAll();
  }

  mend(): void {
    this.#state.cut = null;
    this.#endAll();
  }

  delay(ms: number): void {
    this.#state.delayMs = ms;
  }

  loseAnswers(mark: string, times: number): Promise<void> {
    return new Promise((done) => {
      this.#state.loss = { mark, left: times, done };
    });
  }

  async dispose(): Promise<void> {
    this.#endAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(client: Socket): void {
    if (this.#state.cut === "refused") {
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, this.#target, this.#state);
    this.#pairs.add(pair);
    pair.over.then(() => this.#pairs.delete(pair));
  }

  #endAll(): void {
    for (const pair of this.#pairs) pair.end();
  }
}

interface State {
  readonly cut: Cut | null;
  readonly delayMs: number;
  loss: Loss | null;
}

/** One connection, and ours to the service that it stands for. */
class Pair {
  readonly over: Promise<unknown>;
  readonly #client: Socket;
  readonly #service: Socket;
  readonly #there: Way;
  readonly #back: Way;
  readonly #state: State;
  #loses: Loss | null = null;

  constructor(client: Socket, target: number, state: State) {
    this.#client = client;
    this.#service = new Socket();
    this.#there = new Way(client, this.#service);
    this.#back = new Way(this.#service, client);
    this.#state = state;
    this.over = Promise.all(
      [client, this.#service].map((socket) => {
        socket.setNoDelay(true);
        socket.on("error", () => this.end());
        return new Promise((resolve) => socket.once("close", resolve));
      }),
    );
    client.on("close", () => this.end());
    this.#service.on("close", () => this.end());
    client.on("data", (chunk) => this.#ask(chunk));
    this.#service.on("data", (chunk) => this.#answer(chunk));
    this.#service.connect(target, "127.0.0.1");
  }

  end(): void {
    for (const socket of [this.#client, this.#service]) if (!socket.destroyed) socket.resetAndDestroy();
  }

  #ask(chunk: Buffer): void {
    const { loss } = this.#state;
    if (loss && loss.left > 0 && !this.#loses && chunk.includes(loss.mark)) {
      loss.left -= 1;
      this.#loses = loss;
    }
    this.#pass(chunk, this.#there);
  }

  #answer(chunk: Buffer): void {
    if (!this.#loses) {
      this.#pass(chunk, this.#back);
      return;
    }
    if (!chunk.subarray(-6, -1).equals(readyForQuery)) return;
    if (this.#loses.left === 0) this.#loses.done();
    this.end();
  }

  #pass(chunk: Buffer, way: Way): void {
    const { cut, delayMs } = this.#state;
    if (!cut) way.take(chunk, delayMs);
  }
}

/** One direction. What comes later arrives later, also when the delay ends meanwhile. */
class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #waiting: { readonly chunk: Buffer; readonly due: number }[] = [];

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
  }

  take(chunk: Buffer, delayMs: number): void {
    if (delayMs === 0 && this.#waiting.length === 0) {
      this.#write(chunk);
      return;
    }
    this.#waiting.push({ chunk, due: performance.now() + delayMs });
    if (this.#waiting.length === 1) this.#wait();
  }

  #wait(): void {
    const [first] = this.#waiting;
    if (!first) return;
    setTimeout(
      () => {
        const now = performance.now();
        while (this.#waiting[0] && this.#waiting[0].due <= now) this.#write(this.#waiting.shift()?.chunk);
        this.#wait();
      },
      Math.max(0, first.due - performance.now()),
    );
  }

  #write(chunk: Buffer | undefined): void {
    if (!chunk || this.#to.destroyed || this.#to.write(chunk)) return;
    this.#from.pause();
    this.#to.once("drain", () => this.#from.resume());
  }
}

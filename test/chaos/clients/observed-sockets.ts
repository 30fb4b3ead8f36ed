import { AsyncLocalStorage } from "node:async_hooks";
import WebSocket, { type ClientOptions } from "ws";
import type { OpenRoom } from "../../../client/sdk/connection/room-port.ts";
import type { Viewer } from "../../durability/recorded-room.ts";
import { type Recorder, recordingTime } from "../../durability/recorder.ts";

/** What sockets are for. `done`: whoever it is wants no more of them. */
interface Owner {
  readonly viewer: Viewer;
  done: boolean;
}

const joinRoom = 10;
/** The name of a message as its frame begins: a room's data, and a string of that length. */
const moved = Buffer.concat([Buffer.from([13, 0xa0 | "room.moved".length]), Buffer.from("room.moved")]);

/**
 * Sees every socket that the clients of this process open, whatever the client library makes of it, and writes
 * down what becomes of it. Install it before the library is loaded.
 */
export class ObservedSockets {
  readonly #recorder: Recorder;
  readonly #owners = new AsyncLocalStorage<Owner>();
  readonly #open = new Set<ObservedSocket>();
  #count = 0;
  #over = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Puts itself in the place of the platform's WebSocket. */
  install(): void {
    const observe = (socket: ObservedSocket) => this.#observe(socket);
    class Socket extends ObservedSocket {
      constructor(address: string, options?: ClientOptions) {
        super(address, options);
        observe(this);
      }
    }
    Object.defineProperty(globalThis, "WebSocket", { value: Socket, configurable: true, writable: true });
  }

  /** Seats as before, whose sockets are written down as this viewer's. */
  watched<State, Messages>(open: OpenRoom<State, Messages>, viewer: Viewer): OpenRoom<State, Messages> {
    return async (listener, ...kept) => {
      const owner: Owner = { viewer, done: false };
      const port = await this.#owners.run(owner, () => open(listener, ...kept));
      const leave = () => {
        owner.done = true;
        return port.leave();
      };
      return { ...port, leave };
    };
  }

  /** Those that are open now, of everyone or of one client. */
  sockets(client?: string): readonly ObservedSocket[] {
    return [...this.#open].filter(({ client: name }) => client === undefined || name === client);
  }

  /** From now on nobody wants any more of them. */
  end(): void {
    this.#over = true;
  }

  #observe(socket: ObservedSocket): void {
    const owner = this.#owners.getStore();
    if (!owner) return;
    this.#count += 1;
    const { viewer } = owner;
    const place = { ...viewer, socket: this.#count, address: new URL(socket.url).host };
    const note = (what: "opened" | "seated" | "moved") =>
      this.#recorder.record({ t: recordingTime(), ...place, op: "socket", what });
    const ended = (code: number, by: "server" | "client" | "run") => {
      if (!this.#open.delete(socket)) return;
      const closer = owner.done || this.#over ? "done" : by;
      this.#recorder.record({ t: recordingTime(), ...place, op: "socket", what: "closed", code, by: closer });
    };
    socket.client = viewer.client;
    socket.onGiveUp = (code) => ended(code, socket.spoilt ? "run" : "client");
    socket.once("open", () => {
      this.#open.add(socket);
      note("opened");
    });
    socket.on("message", (frame: unknown) => {
      const bytes =
        frame instanceof ArrayBuffer ? new Uint8Array(frame, 0, Math.min(frame.byteLength, 12)) : null;
      if (bytes?.[0] === joinRoom) note("seated");
      if (bytes && moved.equals(bytes)) note("moved");
    });
    socket.once("close", (code: number) => ended(code, socket.spoilt ? "run" : "server"));
  }
}

/** A socket that the run can spoil. */
export class ObservedSocket extends WebSocket {
  client = "";
  spoilt = false;
  onGiveUp: (code: number) => void = () => undefined;

  override close(code?: number, reason?: string): void {
    this.onGiveUp(code ?? 1005);
    super.close(code, reason);
  }

  /** As if the network had gone: it ends without a word. */
  break(): void {
    this.spoilt = true;
    this.terminate();
  }

  /** Reads nothing for so long (ms). */
  deafen(ms: number): void {
    this.spoilt = true;
    this.pause();
    setTimeout(() => this.resume(), ms);
  }
}

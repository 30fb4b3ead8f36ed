import { joinCall } from "../../../../sdk/index.ts";
import type { Call, CallOptions, CallSnapshot, Visit } from "../../../../sdk/types.ts";
import { callLibraries } from "./libraries.ts";

/** Keeps, over a reload of this tab, that one was in the call. */
export interface CallMark {
  read(): CallOptions | null;
  write(options: CallOptions | null): void;
}

/** The call of a visit as the page sees it: none until it is joined, and none again when it was left. */
export class LiveCall {
  readonly #visit: Visit;
  readonly #mark: CallMark;
  #call: Call | null = null;
  #unsubscribe = () => {};
  #snapshot = $state.raw<CallSnapshot | null>(null);

  constructor(visit: Visit, mark: CallMark) {
    this.#visit = visit;
    this.#mark = mark;
  }

  /** null: not joined yet. */
  get snapshot(): CallSnapshot | null {
    return this.#snapshot;
  }

  /** Whether one is in it, or on the way. */
  get active(): boolean {
    return this.#snapshot !== null && this.#snapshot.status !== "ended";
  }

  /** Throws where nothing was joined. */
  get call(): Call {
    if (!this.#call) throw new Error("The call has not been joined.");
    return this.#call;
  }

  join(options: CallOptions): void {
    if (this.active) return;
    this.#unsubscribe();
    const call = joinCall(this.#visit, options, callLibraries);
    this.#call = call;
    this.#unsubscribe = call.on("change", (snapshot) => this.#take(snapshot));
    this.#take(call.snapshot);
  }

  /** After a reload of the page. */
  resume(): void {
    const options = this.#mark.read();
    if (options && !this.active) this.join(options);
  }

  async leave(): Promise<void> {
    await this.#call?.leave();
  }

  #take(snapshot: CallSnapshot): void {
    this.#snapshot = snapshot;
    const { status, me } = snapshot;
    const { microphone, camera, blur, unblurred, voiceOnly } = me;
    const options = {
      microphone: microphone.on || microphone.opening,
      camera: camera.on || camera.opening,
      microphoneId: microphone.device,
      cameraId: camera.device,
      ...(blur === true || unblurred ? { blur: true } : {}),
      voiceOnly,
    };
    this.#mark.write(status === "ended" ? null : options);
  }
}

/** A mark in the storage of this tab, where there is one. */
export function callMark(visit: string): CallMark {
  const key = `hugmedo.call.${visit}`;
  return {
    read: () => {
      try {
        return parseOptions(JSON.parse(window.sessionStorage.getItem(key) ?? "null"));
      } catch {
        return null;
      }
    },
    write: (options) => {
      try {
        if (options) window.sessionStorage.setItem(key, JSON.stringify(options));
        else window.sessionStorage.removeItem(key);
      } catch {
        // Without storage the call is joined by hand after a reload.
      }
    },
  };
}

function parseOptions(value: unknown): CallOptions | null {
  if (typeof value !== "object" || value === null) return null;
  const id = (name: string) => {
    const found: unknown = Reflect.get(value, name);
    return typeof found === "string" ? found : null;
  };
  return {
    microphone: Reflect.get(value, "microphone") === true,
    camera: Reflect.get(value, "camera") === true,
    microphoneId: id("microphoneId"),
    cameraId: id("cameraId"),
    ...(Reflect.get(value, "blur") === true ? { blur: true } : {}),
    voiceOnly: Reflect.get(value, "voiceOnly") === true,
  };
}

import { randomUUID } from "node:crypto";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import { accessToken } from "./store.ts";

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A process as the demo's people reach it. */
export class ClinicRest {
  readonly #url: string;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(url: string) {
    this.#url = url;
  }

  async post(who: string, path: string, body: object): Promise<Answer> {
    const token = this.#tokens.get(who) ?? accessToken(this.#url, who);
    this.#tokens.set(who, token);
    const response = await fetch(this.#url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${await token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }

  /** A request to a room that changes it. */
  ask(who: string, ref: RoomRef, name: string, payload: object = {}): Promise<Answer> {
    return this.read(who, ref, name, { id: randomUUID(), ...payload });
  }

  /** A request that only reads. */
  read(who: string, ref: RoomRef, name: string, payload: object = {}): Promise<Answer> {
    return this.post(who, `/v1/rooms/${ref.kind}/${ref.id}/commands`, { name, payload });
  }

  /** The same, which has to be done. */
  async must(who: string, ref: RoomRef, name: string, payload: object = {}): Promise<Answer> {
    const answer = await this.ask(who, ref, name, payload);
    if (answer.status === 200) return answer;
    throw new Error(`${name} to ${roomKey(ref)} was answered ${JSON.stringify(answer)}`);
  }

  async openQueue(settings: object = {}): Promise<RoomRef> {
    const staff = ["clinician", "clinician2", "desk"];
    const { body } = await this.post("admin", "/v1/queues", {
      settings: { title: "Test", ...settings },
      staff,
    });
    return { kind: "waiting", id: String(body.id) };
  }

  /** `at` (ms) is when it is planned for. */
  async planVisit(patient: string, at?: number): Promise<RoomRef> {
    const when = at === undefined ? {} : { at };
    const { body } = await this.post("desk", "/v1/visits", { patient, clinician: "clinician", ...when });
    return { kind: "consultation", id: String(body.id) };
  }
}

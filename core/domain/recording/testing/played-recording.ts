import type { BackendName } from "../../call/state.ts";
import { PlayedCall } from "../../call/testing/played-call.ts";
import type { ConsentCommand } from "../../consent/consent.ts";
import type { DomainEvent } from "../../feature.ts";
import type { ConsultationState } from "../../kinds.ts";
import type { Principal } from "../../principal.ts";
import { engine, ito } from "../../queue/testing/people.ts";
import type { Answer, SimulatedRoom } from "../../queue/testing/simulated-room.ts";
import type { KeepRecording, NoteLost, RecordingCommand } from "../commands.ts";
import type { Finished } from "../finished.ts";
import { leaseMs, type RecordingState } from "../state.ts";

const made: Finished = { files: [], fault: null, sha256: "0".repeat(64) };

/** A visit with a call, and recorders that the test plays: they run on a lease, as the real ones do. */
export class PlayedRecording {
  readonly call: PlayedCall;
  /** `<recording> <segment>` → until when it runs, unless it is renewed. What has ended never runs again. */
  readonly #recorders = new Map<string, number>();
  recordable: readonly BackendName[] = ["mediasoup", "chime"];
  #asked = 0;

  constructor(order: readonly BackendName[] = ["mediasoup", "peer"]) {
    this.call = new PlayedCall(order);
  }

  get room(): SimulatedRoom<ConsultationState> {
    return this.call.room;
  }

  get state(): RecordingState {
    return this.room.state.recording;
  }

  get now(): number {
    return this.call.now;
  }

  set now(at: number) {
    this.call.now = at;
  }

  /** `running 2` */
  get stands(): string {
    const { stage, current } = this.state;
    return current ? `${stage} ${current.segments.length}` : stage;
  }

  /** Recorders that really run now. */
  get running(): readonly string[] {
    return [...this.#recorders].flatMap(([which, until]) => (until > this.now ? [which] : []));
  }

  agree(...people: readonly Principal[]): string[] {
    return people.map((by) => this.#ask(by, { name: "consent.give", what: "recording" }));
  }

  withdraw(by: Principal): string {
    return this.#ask(by, { name: "consent.withdraw", what: "recording" });
  }

  start(by: Principal, keepMs = 86_400_000): string {
    const { recordable } = this;
    const recording = `recording-${this.#asked}`;
    return this.#ask(by, { name: "recording.start", recording, recordable, keepMs });
  }

  stop(by: Principal): string {
    return this.#ask(by, { name: "recording.stop" });
  }

  report(by: Principal, status: "running" | "stopped" | "uploaded", segment = this.#segment): string {
    const recording = this.state.current?.id ?? this.state.finishing.at(-1)?.id ?? "none";
    return this.#ask(by, { name: "recording.report", recording, segment, status });
  }

  /** The recorder of the running segment has ended by itself, and the room has found that out. */
  lose(): string {
    const which = `${this.state.current?.id} ${this.#segment}`;
    if (this.#recorders.has(which)) this.#recorders.set(which, 0);
    const recording = this.state.current?.id ?? "none";
    const ended = { reason: "recorder_ended", confirmed: true } as const;
    const lost = { name: "recording.lost", id: null, recording, segment: this.#segment, ...ended } as const;
    return tell(this.room.ask(engine, lost satisfies NoteLost, this.now));
  }

  /** The organisation keeps it until then. */
  keep(recording: string, until: number): string {
    const command = { name: "recording.keep", id: null, recording, until } as const;
    return tell(this.room.ask(engine, command satisfies KeepRecording, this.now));
  }

  admit(by: Principal, who: Principal): string {
    return this.call.ask(by, { name: "visit.admit", participant: who.id });
  }

  /** Somebody comes to the door by invitation. */
  knock(guest: Principal): void {
    const invitation = `of ${guest.id}`;
    const invite = { invitation, hash: invitation, role: "family", label: "", lastsMs: 60_000 } as const;
    this.call.ask(ito, { name: "visit.invite", ...invite });
    const who = { guest: guest.id, guestName: guest.name };
    this.call.ask(engine, { name: "visit.accept", invitation, hash: invitation, ...who });
    this.call.come(guest);
  }

  /** The room renews the lease of what it has running. */
  renew(): void {
    if (this.state.stage !== "running") return;
    const which = `${this.state.current?.id} ${this.#segment}`;
    if ((this.#recorders.get(which) ?? 0) > this.now) this.#recorders.set(which, this.now + leaseMs);
  }

  /** Does errands of these names, or all, as their backends would. */
  answer(...names: readonly string[]): string[] {
    return this.room.errands.flatMap((errand) => {
      if (names.length > 0 && !names.includes(errand.name)) return [];
      return this.settle(errand.id);
    });
  }

  settle(id: string, works = true): string[] {
    const errand = this.room.errands.find((one) => one.id === id);
    if (!errand) return [];
    const { payload } = errand;
    if ("segment" in payload && "recording" in payload && works) {
      const which = `${payload.recording} ${payload.segment}`;
      const known = this.#recorders.has(which);
      if (errand.name === "halt") this.#recorders.set(which, 0);
      else if (!known) this.#recorders.set(which, this.now + leaseMs);
    }
    const answer = errand.name === "finish" ? JSON.stringify(made) : `place of ${id}`;
    const refused = { ok: false, rejection: { code: "media_unavailable", message: "" } } as const;
    const command = errand.settle(works ? { ok: true, answer } : refused);
    return command ? [tell(this.room.ask(engine, command, this.now, command.name))] : [];
  }

  get #segment(): number {
    const of = this.state.current ?? this.state.finishing.at(-1);
    return of?.segments.at(-1)?.segment ?? 0;
  }

  #ask(by: Principal, command: Unnamed<ConsentCommand | RecordingCommand>): string {
    this.#asked += 1;
    return tell(this.room.ask(by, { ...command, id: `recording-asked-${this.#asked}` }, this.now));
  }
}

type Unnamed<C> = C extends ConsentCommand | RecordingCommand ? Omit<C, "id"> : never;

function tell(answer: Answer): string {
  if (!answer.ok) return answer.rejection.code;
  return answer.events.map(({ event }: { readonly event: DomainEvent }) => event.type).join(" ") || "nothing";
}

import type { UnmaskReason } from "../../../../../../core/domain/masking/view.ts";
import type { CheckInField, Priority } from "../../../../../../core/domain/queue/state.ts";
import type { Board, CommandReply, EntryView } from "../../../../../sdk/index.ts";
import type { Notices } from "../../state/notices.svelte.ts";
import type { Move } from "../view/order.ts";
import { faultOf } from "../view/race.ts";
import { faultWords, type Language } from "../view/words.ts";
import type { LiveBoard } from "./live-board.svelte.ts";

/** What a patient gave at check-in, plain. */
export type Unmasked = Partial<Readonly<Record<CheckInField, string>>>;
type Send = (board: Board) => Promise<CommandReply>;

/** What staff do in a queue: each command once at a time, with a word on what came of it. */
export class Work {
  readonly #live: LiveBoard;
  readonly #notices: Notices;
  readonly #language: Language;
  #busy = $state.raw<ReadonlySet<string>>(new Set());

  constructor(parts: { live: LiveBoard; notices: Notices; language: Language }) {
    this.#live = parts.live;
    this.#notices = parts.notices;
    this.#language = parts.language;
  }

  /** Whether something is underway for this entry, or for the queue (`queue`) or my duty (`duty`). */
  busy(key: string): boolean {
    return this.#busy.has(key);
  }

  /** null: done; else why not, in words. */
  async try(key: string, send: Send): Promise<string | null> {
    if (this.busy(key)) return this.#language.t.errors.busy;
    this.#busy = new Set([...this.#busy, key]);
    try {
      await this.#live.ask(send);
      return null;
    } catch (error) {
      return faultWords(faultOf(error), { entry: key, board: this.#live.snapshot, language: this.#language });
    } finally {
      this.#busy = new Set([...this.#busy].filter((one) => one !== key));
    }
  }

  call({ id }: EntryView): void {
    void this.#run(id, (board) => board.call(id));
  }

  async admit({ id, name }: EntryView, said: boolean): Promise<void> {
    const done = await this.#run(id, (board) => board.admit(id));
    if (done && said) this.#notices.show(this.#t.done.admitted(name));
  }

  async takeBack({ id, name }: EntryView): Promise<void> {
    const done = await this.#run(id, (board) => board.resume(id));
    if (done) this.#notices.show(this.#t.done.takenBack(name));
  }

  async hold({ id, name }: EntryView): Promise<void> {
    const done = await this.#run(id, (board) => board.hold(id));
    const undo = () => void this.#run(id, (board) => board.resume(id));
    if (done) this.#notices.show(this.#t.done.held(name), "info", { label: this.#t.action.undo, run: undo });
  }

  async resume({ id, name }: EntryView): Promise<void> {
    const done = await this.#run(id, (board) => board.resume(id));
    if (done) this.#notices.show(this.#t.done.resumed(name));
  }

  /** `back`: what it stood before until now. */
  async move(
    { entry, before }: Move,
    what: {
      readonly name: string;
      readonly place: number;
      readonly reason: string;
      readonly back: string | null;
    },
  ): Promise<boolean> {
    const done = await this.#run(entry, (board) => board.move(entry, before, what.reason));
    const undo = () => void this.#run(entry, (board) => board.move(entry, what.back, this.#t.move.undone));
    if (done)
      this.#notices.show(this.#t.done.moved(what.name, what.place), "info", {
        label: this.#t.action.undo,
        run: undo,
      });
    return done;
  }

  async prioritise({ id, name }: EntryView, priority: Priority, reason: string): Promise<string | null> {
    const problem = await this.try(id, (board) => board.prioritise(id, priority, reason));
    return this.#said(problem, this.#t.done.priority(name, this.#t.priority[priority]));
  }

  async transfer(
    { id, name }: EntryView,
    to: { readonly id: string; readonly title: string },
  ): Promise<string | null> {
    const problem = await this.try(id, (board) => board.transfer(id, to.id));
    return this.#said(problem, this.#t.done.transferred(name, to.title));
  }

  /** `entry` null: to everyone. */
  async notify(entry: EntryView | null, body: string): Promise<string | null> {
    const problem = await this.try(entry?.id ?? "queue", (board) => board.notify(body, entry?.id));
    return this.#said(problem, entry ? this.#t.done.told(entry.name) : this.#t.done.toldAll);
  }

  async noShow({ id, name }: EntryView): Promise<string | null> {
    return this.#said(await this.try(id, (board) => board.noShow(id)), this.#t.done.noShow(name));
  }

  async remove({ id, name }: EntryView, reason: string): Promise<string | null> {
    return this.#said(await this.try(id, (board) => board.remove(id, reason)), this.#t.done.removed(name));
  }

  async admitTo({ id, name }: EntryView, clinician: string): Promise<string | null> {
    const problem = await this.try(id, (board) => board.admit(id, { clinician }));
    return this.#said(problem, this.#t.done.admitted(name));
  }

  /** What the patient gave, plain; or why not, in words. */
  async unmask(
    { id }: EntryView,
    fields: readonly CheckInField[],
    reason: UnmaskReason,
  ): Promise<Unmasked | string> {
    try {
      return await this.#live.board.unmask(id, fields, reason);
    } catch (error) {
      return faultWords(faultOf(error), { entry: id, board: this.#live.snapshot, language: this.#language });
    }
  }

  open(): void {
    void this.#run("queue", (board) => board.open());
  }

  /** `minutes` null: until it is opened again. */
  suspend(minutes: number | null, notice: string): Promise<string | null> {
    const until = minutes === null ? {} : { until: this.#live.now + minutes * 60_000 };
    return this.try("queue", (board) => board.suspend({ ...until, notice }));
  }

  close(): Promise<string | null> {
    return this.try("queue", (board) => board.close());
  }

  duty(status: "available" | "away" | "off"): void {
    void this.#run("duty", (board) => board.duty(status));
  }

  /** The words as they are now: the language may be changed meanwhile. */
  get #t() {
    return this.#language.t.console;
  }

  async #run(key: string, send: Send): Promise<boolean> {
    if (this.busy(key)) return false;
    const problem = await this.try(key, send);
    if (problem !== null) this.#notices.show(problem, "problem");
    return problem === null;
  }

  #said(problem: string | null, words: string): string | null {
    if (problem === null) this.#notices.show(words);
    return problem;
  }
}

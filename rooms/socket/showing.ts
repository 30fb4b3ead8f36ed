import { StateView } from "@colyseus/schema";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { closeCodes } from "../../core/protocol/codes.ts";
import { serverMessages } from "../../core/protocol/events.ts";
import type { Crowd, RoomClient } from "./crowd.ts";
import { messageFrame } from "./frames.ts";
import type { PatchSchedule } from "./patch-schedule.ts";
import type { RoomView } from "./room-view.ts";

export interface ShowingParts<Root> {
  readonly view: RoomView<Root>;
  readonly crowd: Crowd;
  readonly patches: Pick<PatchSchedule, "mark">;
  /** Sends what has changed of the schema until now. */
  patch(): void;
  /** The schema's whole state, as this client sees it. */
  fullState(client: RoomClient): Uint8Array;
}

/** Shows the durable state to those who are connected: shared events, personal messages, and the schema's patches. */
export class Showing<Root> {
  readonly view: RoomView<Root>;
  readonly #parts: ShowingParts<Root>;
  /** What insiders see beside the rest: one for all of them, so that it is encoded once. */
  readonly #inner: StateView | null;

  constructor(parts: ShowingParts<Root>) {
    this.#parts = parts;
    this.view = parts.view;
    this.#inner = innerView(parts.view);
  }

  /** These events are durable, and led to this state. */
  committed(events: readonly Recorded[], state: Root): void {
    const { view, crowd, patches } = this.#parts;
    const urgency = view.show(state, events);
    const delivered = view.deliver(events);
    if (delivered.length > 0) crowd.sendInside(messageFrame(serverMessages.events, delivered));
    for (const person of view.affected(events)) this.#reconsider(person, state);
    crowd.tell(view.personal(events, state, crowd));
    patches.mark(urgency);
  }

  /** Handles what is never journaled; null: not such a request. Throws DomainError. */
  pass(name: string, payload: unknown, by: Principal, state: Root): object | null {
    const passed = this.view.ephemeral(name, payload, by, state);
    if (typeof passed !== "string") return passed;
    this.#parts.patches.mark(passed);
    return {};
  }

  /** Somebody is here now, or not any more. */
  present(person: string, online: boolean): void {
    this.#parts.patches.mark(this.view.present(person, online));
  }

  /** A connection is new: it gets the whole state with its seat, the inner part where it may. */
  seat(client: RoomClient, by: Principal, state: Root): void {
    if (this.view.isInsider(state, by)) {
      this.#parts.crowd.letIn(client);
      if (this.#inner) client.view = this.#inner;
    }
    this.greet(client, by, state);
  }

  greet(client: RoomClient, by: Principal, state: Root): void {
    for (const { name, payload } of this.view.greet(state, by))
      client.enqueueRaw(messageFrame(name, payload));
  }

  /** Whoever may no longer be here goes; whoever has been let in sees the rest from now on. */
  #reconsider(person: string, state: Root): void {
    const { view, crowd } = this.#parts;
    for (const client of crowd.of(person)) {
      const by = client.auth;
      if (!by || view.admit(state, by)) client.leave(closeCodes.removed);
      else if (view.isInsider(state, by)) this.#letIn(client);
      else if (crowd.isInside(client)) client.leave(closeCodes.rejoin);
    }
  }

  #letIn(client: RoomClient): void {
    const { crowd, patch, fullState } = this.#parts;
    if (crowd.isInside(client)) return;
    crowd.letIn(client);
    if (!this.#inner) return;
    // What changed until now is in the full state: a patch of it would speak of what the client does not have.
    patch();
    client.view = this.#inner;
    client.raw(fullState(client));
  }
}

function innerView({ schema, inner }: Pick<RoomView<unknown>, "schema" | "inner">): StateView | null {
  if (!inner) return null;
  const view = new StateView();
  view.add(schema);
  for (const collection of inner) view.subscribe(collection);
  return view;
}

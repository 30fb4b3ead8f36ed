import { DomainError, toRejection } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { closeCodes } from "../../core/protocol/codes.ts";
import { serverMessages } from "../../core/protocol/events.ts";
import type { RoomWatch } from "../actor/room-watch.ts";
import type { RoomClient } from "./crowd.ts";
import { messageFrame, readFrame, rejectionFrame, replyFrame, unreadable } from "./frames.ts";

export interface InboxParts {
  answer(client: RoomClient, frame: Buffer): void;
  readonly watch: Pick<RoomWatch, "refused">;
  readonly log: () => Logger;
  /** Does what is asked. Throws DomainError when it is refused. */
  request(by: Principal, name: string, payload: unknown): Promise<object>;
}

/** Reads what connections send, asks for it, and answers each: bad input gets a typed error, and changes nothing. */
export class Inbox {
  readonly #parts: InboxParts;

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /** False: not a message, Colyseus handles the frame. */
  receive(client: RoomClient, frame: Buffer): boolean {
    const message = readFrame(frame);
    if (!message) return false;
    if ("unreadable" in message) {
      this.#refuse(client, message.unreadable, "", unreadable);
      return true;
    }
    const { requestId, name, payload } = message;
    this.#handle(client, name, payload).then(
      (reply) => {
        if (requestId !== null) this.#parts.answer(client, replyFrame(requestId, reply));
      },
      (error: unknown) => this.#refuse(client, requestId, name, error),
    );
    return true;
  }

  async #handle(client: RoomClient, name: string, payload: unknown): Promise<object> {
    const by = client.auth;
    if (!by) throw new DomainError("room_closed");
    const retryAfterMs = client.userData?.take() ?? 0;
    if (retryAfterMs > 0) throw new DomainError("rate_limited", undefined, { retryAfterMs });
    return this.#parts.request(by, name, payload);
  }

  #refuse(client: RoomClient, requestId: number | null, name: string, error: unknown): void {
    const { answer, watch, log } = this.#parts;
    if (!(error instanceof DomainError)) log().error({ err: error, request: name }, "a request failed");
    const rejection = toRejection(error);
    watch.refused(rejection.code);
    answer(
      client,
      requestId === null
        ? messageFrame(serverMessages.error, { re: name, ...rejection })
        : rejectionFrame(requestId, rejection),
    );
    if (client.userData?.abusive) client.leave(closeCodes.abusive);
  }
}

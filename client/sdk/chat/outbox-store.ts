import type { Rejection } from "../../../core/domain/errors.ts";
import type { AttachedFile } from "../../../core/domain/file/file.ts";

/** A message as it is kept on the device until the server has it. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly replyTo?: number;
  readonly attachments?: readonly AttachedFile[];
  /** This device's clock in ms, made unique and rising, so that it tells the order. */
  readonly writtenAt: number;
  readonly rejection?: Rejection;
}

/** Whose messages, and for where. */
export interface OutboxScope {
  readonly origin: string;
  readonly person: string;
  readonly chat: string;
}

/**
 * Where unsent messages are kept. Several tabs of one person share one store: `put` and `remove` by id are
 * all that is done to it, and the server takes each id once.
 */
export interface OutboxStore {
  /** In written order. */
  load(scope: OutboxScope): Promise<readonly StoredMessage[]>;
  put(scope: OutboxScope, message: StoredMessage): Promise<void>;
  remove(scope: OutboxScope, id: string): Promise<void>;
  /** Forgets everything of this person, in every chat. */
  clear(person: Omit<OutboxScope, "chat">): Promise<void>;
}

/** A store that lasts as long as the process. */
export function memoryOutboxStore(): OutboxStore {
  const kept = new Map<string, { readonly owner: string; readonly messages: Map<string, StoredMessage> }>();
  const messagesOf = (scope: OutboxScope) => {
    const key = JSON.stringify([scope.origin, scope.person, scope.chat]);
    const found = kept.get(key) ?? { owner: ownerOf(scope), messages: new Map<string, StoredMessage>() };
    kept.set(key, found);
    return found.messages;
  };
  return {
    load: async (scope) => [...messagesOf(scope).values()].sort((a, b) => a.writtenAt - b.writtenAt),
    put: async (scope, message) => void messagesOf(scope).set(message.id, message),
    remove: async (scope, id) => void messagesOf(scope).delete(id),
    clear: async (person) => {
      for (const [key, { owner }] of kept) if (owner === ownerOf(person)) kept.delete(key);
    },
  };
}

function ownerOf({ origin, person }: Omit<OutboxScope, "chat">): string {
  return JSON.stringify([origin, person]);
}

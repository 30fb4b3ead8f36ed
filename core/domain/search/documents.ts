import { isChatEvent } from "../conversation/events.ts";
import type { DomainEvent, Recorded } from "../feature.ts";
import { isQueueEvent } from "../queue/events.ts";
import type { RoomKindName } from "../room.ts";
import { isVisitEvent } from "../visit/events.ts";

/** What can be found: messages, the names of files in them, and rooms by what they are called or whom they are for. */
export const documentKinds = ["message", "file", "chat", "queue", "visit"] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** One text of a room that can be found; `seq` is the message's, 0 where it is the room's own. */
export interface DocumentKey {
  readonly kind: DocumentKind;
  readonly seq: number;
}

/**
 * What an event does to the texts of its room. `put`: there is this text; `replace`: it has other words from now on;
 * `extend`: it also has these words, or another time; `remove`: it is gone.
 */
export type DocumentChange = DocumentKey &
  (
    | { readonly what: "put"; readonly words: string; readonly at: number }
    | { readonly what: "replace"; readonly words: string }
    | { readonly what: "extend"; readonly words: string; readonly at: number | null }
    | { readonly what: "remove" }
  );

/** Of one event, in a room of this kind. Events that nobody searches change nothing. */
export function documentChanges(room: RoomKindName, { seq, at, event }: Recorded): DocumentChange[] {
  if (isChatEvent(event)) {
    switch (event.type) {
      case "chat.created":
        return room === "chat" ? [{ what: "put", kind: "chat", seq: 0, words: event.title, at }] : [];
      case "chat.message": {
        const files = wordsOf("file", event);
        return [
          { what: "put", kind: "message", seq, words: event.body, at },
          ...(files === "" ? [] : [{ what: "put", kind: "file", seq, words: files, at } as const]),
        ];
      }
      case "chat.edited":
        return [{ what: "replace", kind: "message", seq: event.of, words: event.body }];
      case "chat.deleted":
        return [
          { what: "remove", kind: "message", seq: event.of },
          { what: "remove", kind: "file", seq: event.of },
        ];
      default:
        return [];
    }
  }
  if (isVisitEvent(event)) {
    const words = wordsOf("visit", event);
    switch (event.type) {
      case "visit.created":
        return [{ what: "put", kind: "visit", seq: 0, words, at: event.schedule?.at ?? at }];
      case "visit.arrived":
      case "visit.transferred":
        return [{ what: "extend", kind: "visit", seq: 0, words, at: null }];
      case "visit.rescheduled":
        return [{ what: "extend", kind: "visit", seq: 0, words, at: event.at }];
      default:
        return [];
    }
  }
  const title = wordsOf("queue", event);
  if (event.type === "queue.created" || event.type === "queue.carriedOn") {
    return [{ what: "put", kind: "queue", seq: 0, words: title, at }];
  }
  if (event.type === "queue.configured") return [{ what: "replace", kind: "queue", seq: 0, words: title }];
  return [];
}

/** The words that an event gives to a text of this kind; the same when it is found again as when it was read first. */
export function wordsOf(kind: DocumentKind, event: DomainEvent): string {
  if (isChatEvent(event)) {
    if (event.type === "chat.created") return kind === "chat" ? event.title : "";
    if (event.type === "chat.edited") return kind === "message" ? event.body : "";
    if (event.type !== "chat.message") return "";
    return kind === "message" ? event.body : kind === "file" ? namesIn(event) : "";
  }
  if (isVisitEvent(event)) {
    if (kind !== "visit") return "";
    if (event.type === "visit.created")
      return lines([event.patient.name, event.clinician?.name ?? "", event.reason]);
    if (event.type === "visit.arrived") return event.reason;
    return event.type === "visit.transferred" ? event.to.name : "";
  }
  if (kind !== "queue" || !isQueueEvent(event)) return "";
  if (event.type === "queue.carriedOn") return event.queue.settings.title;
  return "settings" in event ? event.settings.title : "";
}

/** Of what is attached to a message. */
function namesIn(event: object): string {
  const attached: unknown = "attachments" in event ? event.attachments : [];
  return Array.isArray(attached) ? lines(attached.map((file: unknown) => textIn(file, "name"))) : "";
}

function textIn(value: unknown, name: string): string {
  if (typeof value !== "object" || value === null) return "";
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === "string" ? found : "";
}

export function lines(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

import { hasRole } from "../../../../../core/domain/principal.ts";
import type { Me } from "../../../../../core/protocol/rest.ts";
import type { SearchItem } from "../../../../../core/protocol/rest-search.ts";
import { principalOf } from "../shell/entries.ts";

/** Where what was found is opened; null: nowhere, it is a person. */
export function hrefOf({ room, seq }: SearchItem, me: Me): string | null {
  if (room === null) return null;
  const at = seq === null ? "" : `?at=${seq}`;
  if (room.kind === "chat") return `/chats/${room.id}${at}`;
  if (room.kind === "consultation") return `/visits/${room.id}${at}`;
  return `/${hasRole(principalOf(me), "patient") ? "queues" : "console"}/${room.id}`;
}

/** A snippet in parts that are marked and parts that are not, in order. */
export function piecesOf({ text, highlights }: SearchItem["snippet"]) {
  const pieces: { readonly text: string; readonly marked: boolean }[] = [];
  let from = 0;
  for (const { start, end } of highlights) {
    pieces.push(
      { text: text.slice(from, start), marked: false },
      { text: text.slice(start, end), marked: true },
    );
    from = end;
  }
  pieces.push({ text: text.slice(from), marked: false });
  return pieces.filter((piece) => piece.text !== "");
}

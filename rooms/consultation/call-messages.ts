import { isCallEvent } from "../../core/domain/call/events.ts";
import type { CallState } from "../../core/domain/call/state.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import { callMessages, type MuteAskedMessage, type SwitchedMessage } from "../../core/protocol/call.ts";
import type { Here, Personal } from "../socket/room-view.ts";

/** What people are told of their call: that it goes on in another session, and that somebody is asked to be silent. */
export function callMessagesOf(
  events: readonly Recorded[],
  { session, reason, people }: CallState,
  isInside: (person: string) => boolean,
  here: Here,
): readonly Personal[] {
  const to = (audience: readonly string[], name: string, payload: SwitchedMessage | MuteAskedMessage) =>
    audience.filter((person) => here.has(person)).map((person) => ({ person, name, payload }));
  return events.flatMap(({ event, by }) => {
    if (!isCallEvent(event)) return [];
    if (event.type === "media.muteAsked") {
      const asked = { participant: event.person, by };
      return to([...here.keys()].filter(isInside), callMessages.muteAsked, asked);
    }
    if (event.type !== "media.opened" || reason === null || session?.n !== event.n) return [];
    const { n, backend } = session;
    return to(Object.keys(people), callMessages.switched, { session: { n, backend }, reason });
  });
}

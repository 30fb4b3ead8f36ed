import { type Client, CloseCode, MatchMakeError, type Room, ServerError } from "@colyseus/sdk";
import type { RoomKindName } from "../../../core/domain/room.ts";
import { type ErrorMessage, serverMessages, type WireEvent } from "../../../core/protocol/events.ts";
import { fromRejection, HugMeDoError, parseRefusal, parseRejection, unreachable } from "../errors.ts";
import { closeReason } from "./close-reason.ts";
import type { OpenRoom, RoomListener, RoomPort } from "./room-port.ts";

/** Where seats get their access token from. */
export interface Tokens {
  token(): Promise<string>;
  renew(stale: string): Promise<string>;
}

/** A reply may wait for a slow disk, but not for ever. Milliseconds. */
const replyPatience = 30_000;

/** Seats in a room of the server, over Colyseus. */
export function colyseusRoom<State>(
  client: Client,
  tokens: Tokens,
  kind: RoomKindName,
  id: string,
): OpenRoom<State> {
  const join = async (token: string, listener: RoomListener<State>): Promise<RoomPort> => {
    client.auth.token = token;
    try {
      return seat(await client.joinOrCreate<State>(kind, { room: id }), listener);
    } catch (error) {
      throw joinError(error);
    }
  };
  return async (listener) => {
    const token = await tokens.token();
    try {
      return await join(token, listener);
    } catch (error) {
      if (!(error instanceof HugMeDoError) || error.code !== "unauthenticated") throw error;
      return join(await tokens.renew(token), listener);
    }
  };
}

type Connection = Room["connection"];

function seat<State>(room: Room<unknown, State>, listener: RoomListener<State>): RoomPort {
  // `silent`: given up from this side, so nothing more is told. `closed`: the socket has come to its end.
  let silent = false;
  let closed = false;
  // The seat's owner takes another one itself, through the matchmaker: the room may be elsewhere by then.
  room.reconnection.enabled = false;
  const receive = room.connection.events.onmessage;
  room.connection.events.onmessage = (frame: unknown) => {
    if (!silent) listener.heard();
    receive?.(frame);
  };
  room.onStateChange((state) => listener.state(state));
  room.onMessage<readonly WireEvent[]>(serverMessages.events, (events) => listener.events(events));
  room.onMessage<ErrorMessage>(serverMessages.error, (message) => listener.error(message));
  // The kept seat is not used yet: the matchmaker, which knows where the room went, gives another.
  room.onMessage(serverMessages.moved, () => listener.moved());
  room.onMessage("*", () => undefined);
  room.onLeave((code) => {
    closed = true;
    if (!silent) listener.closed(code);
  });
  return {
    request: <Reply>(name: string, payload: unknown) =>
      room.request<unknown, Reply>(name, payload, { timeout: replyPatience }).catch((error: unknown) => {
        throw requestError(error, !silent && room.connection.isOpen);
      }),
    ping: () => new Promise((resolve) => room.ping(() => resolve())),
    drop: () => {
      silent = true;
      if (!closed) cut(room.connection);
    },
    leave: async () => {
      silent = true;
      if (!closed) await room.leave();
    },
  };
}

/**
 * Closes without waiting for the other side, which may be frozen: what is pending fails now. The code tells a
 * server that does listen to keep no seat.
 */
function cut(connection: Connection): void {
  const { events } = connection;
  const { onclose } = events;
  events.onmessage = null;
  events.onclose = null;
  onclose?.({ code: CloseCode.MAY_TRY_RECONNECT });
  connection.close(CloseCode.CONSENTED);
}

/** `request` fails with the room's own rejection in `reason`, by the framework's fault, or without a reply. */
function requestError(error: unknown, alive: boolean): HugMeDoError {
  if (!(error instanceof Error)) return unreachable(error);
  const said = parseRejection("reason" in error ? error.reason : null);
  if (said) return fromRejection(said);
  if (error.name === "no_handler") return new HugMeDoError("unknown_request");
  const answered = alive && !error.message.includes("timed out");
  return answered ? new HugMeDoError("internal", undefined, { cause: error }) : unreachable(error);
}

function joinError(error: unknown): HugMeDoError {
  if (!(error instanceof MatchMakeError) && !(error instanceof ServerError)) return unreachable(error);
  const said = parseRefusal(error.message ?? "") ?? closeReason(error.code);
  if (said) return fromRejection(said);
  return error.code === 401 ? new HugMeDoError("unauthenticated") : unreachable(error);
}

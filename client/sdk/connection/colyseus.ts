import {
  Callbacks,
  type Client,
  CloseCode,
  MatchMakeError,
  type Room,
  SchemaSerializer,
  ServerError,
} from "@colyseus/sdk";
import type { RoomKindName } from "../../../core/domain/room.ts";
import { type ErrorMessage, type MovedMessage, serverMessages } from "../../../core/protocol/events.ts";
import { fromRejection, HugMeDoError, parseRefusal, parseRejection, unreachable } from "../errors.ts";
import { closeReason } from "./close-reason.ts";
import type { OpenRoom, RoomListener, RoomPort, Touched } from "./room-port.ts";
import { type MessagesOf, messageNames, type StateOf } from "./rooms.ts";

/** Where seats get their access token from. */
export interface Tokens {
  token(): Promise<string>;
  renew(stale: string): Promise<string>;
}

/** A reply may wait for a slow disk, but not for ever. Milliseconds. */
const replyPatience = 30_000;

/** Seats in a room of the server, over Colyseus. */
export function colyseusRoom<K extends RoomKindName>(
  client: Client,
  tokens: Tokens,
  kind: K,
  id: string,
): OpenRoom<StateOf<K>, MessagesOf<K>> {
  type Listener = RoomListener<StateOf<K>, MessagesOf<K>>;
  const take = async (listener: Listener, taking: Promise<Room<unknown, StateOf<K>>>): Promise<RoomPort> => {
    try {
      const room = await taking;
      for (const name of messageNames[kind]) hear(room, listener, name);
      return seat(room, listener);
    } catch (error) {
      throw joinError(error);
    }
  };
  const join = (token: string, listener: Listener) => {
    client.auth.token = token;
    return take(listener, client.joinOrCreate<StateOf<K>>(kind, { room: id }));
  };
  return async (listener, kept) => {
    // It is kept for whoever had the seat before: no token is asked for.
    if (kept) return take(listener, client.consumeSeatReservation<StateOf<K>>({ ...kept }));
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

function hear<State, Messages, N extends keyof Messages & string>(
  room: Room<unknown, State>,
  listener: RoomListener<State, Messages>,
  name: N,
): void {
  room.onMessage<Messages[N]>(name, (payload) => listener.message(name, payload));
}

function seat<State, Messages>(
  room: Room<unknown, State>,
  listener: RoomListener<State, Messages>,
): RoomPort {
  // `silent`: given up from this side, so nothing more is told. `closed`: the socket has come to its end.
  let silent = false;
  let closed = false;
  // Whoever owns the seat takes another one, through the matchmaker: the room may be elsewhere by then.
  room.reconnection.enabled = false;
  const receive = room.connection.events.onmessage;
  room.connection.events.onmessage = (frame: unknown) => {
    if (!silent) listener.heard();
    receive?.(frame);
  };
  const touched = whatWasTouched(room);
  room.onStateChange((state) => listener.state(state, touched()));
  room.onMessage<ErrorMessage>(serverMessages.error, (message) => listener.error(message));
  room.onMessage<MovedMessage>(serverMessages.moved, (message) => listener.moved(message.seat));
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
 * What each state changes of the one before it. The first is taken as a whole: only from there on is it
 * written down, so that a long list costs nothing when it comes.
 */
function whatWasTouched<State>({ serializer }: Room<unknown, State>): () => Touched | undefined {
  let touched: Set<unknown> | undefined;
  return () => {
    const before = touched;
    touched = undefined;
    if (!(serializer instanceof SchemaSerializer)) return undefined;
    const now = new Set<unknown>();
    Callbacks.getRawChanges(serializer.decoder, (changes) => {
      for (const { ref } of changes) now.add(ref);
    });
    touched = now;
    return before;
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

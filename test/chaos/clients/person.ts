import { Client } from "@colyseus/sdk";
import type { Account } from "../../../bench/product.ts";
import * as routes from "../../../client/sdk/api/routes.ts";
import { AuthSession } from "../../../client/sdk/auth-session.ts";
import { memoryOutboxStore } from "../../../client/sdk/chat/outbox-store.ts";
import { colyseusRoom } from "../../../client/sdk/connection/colyseus.ts";
import type { OpenRoom } from "../../../client/sdk/connection/room-port.ts";
import type { WaitingMessages } from "../../../client/sdk/connection/rooms.ts";
import { Http, persistently } from "../../../client/sdk/http.ts";
import { systemClock } from "../../../client/sdk/lib/clock.ts";
import { LiveSession } from "../../../client/sdk/session.ts";
import { conversationOf } from "../../../client/sdk/visit/visit-state.ts";
import type { RoomKindName } from "../../../core/domain/room.ts";
import { recordedRoom, type Viewer } from "../../durability/recorded-room.ts";
import { type Recorder, recordingTime } from "../../durability/recorder.ts";
import type { ObservedSockets } from "./observed-sockets.ts";

export interface PersonParts {
  readonly url: string;
  readonly account: Account;
  readonly recorder: Recorder;
  readonly sockets: ObservedSockets;
}

/** A request that nobody answers is given up after so long (ms), as in the SDK's own sign-in. */
const answerWithin = 10_000;
/** Accounts are made with tokens that outlast every run (s). */
const tokenLife = 12 * 3_600;

/** How a person's client in a room is called in the history. */
export function viewerOf(person: string, kind: RoomKindName, id: string): Viewer {
  return { client: `${person}@${kind}/${id.slice(0, 6)}`, person, room: `${kind}:${id}` };
}

/** The SDK as an app has it, with everything that goes over its seats written down. */
export async function openPerson({ url, account, recorder, sockets }: PersonParts): Promise<LiveSession> {
  const http = new Http(url, (address, init) => fetch(address, init));
  const auth = new AuthSession(
    { http, clock: systemClock, exclusive: (work) => work(), ended: () => undefined },
    {
      access_token: account.token,
      token_type: "Bearer",
      expires_in: tokenLife,
      refresh_token: account.refreshToken,
    },
  );
  const me = await persistently(systemClock, () => auth.call(routes.getMe));
  const client = new Client(url, {
    fetchFn: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(answerWithin) }),
  });
  return new LiveSession({
    me,
    origin: url,
    auth,
    clock: systemClock,
    openChat: (id) => {
      const viewer = viewerOf(me.id, "chat", id);
      const open = sockets.watched(colyseusRoom(client, auth, "chat", id), viewer);
      return recordedRoom(open, recorder, viewer, (state) => state);
    },
    openQueue: (id) => {
      const viewer = viewerOf(me.id, "waiting", id);
      const open = sockets.watched(colyseusRoom(client, auth, "waiting", id), viewer);
      return recordedPlaces(
        recordedRoom(open, recorder, viewer, () => null),
        recorder,
        viewer,
      );
    },
    openVisit: (id) => {
      const viewer = viewerOf(me.id, "consultation", id);
      const open = sockets.watched(colyseusRoom(client, auth, "consultation", id), viewer);
      return recordedRoom(open, recorder, viewer, conversationOf);
    },
    store: memoryOutboxStore(),
    hints: () => () => undefined,
    signOut: () => auth.signOut(),
  });
}

/** What a patient is told of their place is written down too. */
function recordedPlaces<State>(
  open: OpenRoom<State, WaitingMessages>,
  recorder: Recorder,
  viewer: Viewer,
): OpenRoom<State, WaitingMessages> {
  return (listener, ...kept) =>
    open(
      {
        ...listener,
        message: (name, payload) => {
          if ("place" in payload) {
            const { seq, status, place } = payload;
            recorder.record({ t: recordingTime(), ...viewer, op: "place", seq, status, place });
          }
          listener.message(name, payload);
        },
      },
      ...kept,
    );
}

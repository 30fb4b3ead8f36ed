import { Client } from "@colyseus/sdk";
import * as routes from "../../client/sdk/api/routes.ts";
import { AuthSession } from "../../client/sdk/auth-session.ts";
import { memoryOutboxStore } from "../../client/sdk/chat/outbox-store.ts";
import { colyseusRoom } from "../../client/sdk/connection/colyseus.ts";
import { Http } from "../../client/sdk/http.ts";
import { systemClock } from "../../client/sdk/lib/clock.ts";
import { LiveSession } from "../../client/sdk/session.ts";
import { recordedRoom } from "./recorded-room.ts";
import type { Recorder } from "./recorder.ts";

/** The SDK as an app has it, signed in with a demo account, with every seat it takes written down. */
export async function recordedSession(url: string, name: string, recorder: Recorder): Promise<LiveSession> {
  const http = new Http(url, (address, init) => fetch(address, init));
  const reply = await http.call(routes.signIn, { body: { username: name, password: `demo-${name}` } });
  const auth = new AuthSession(
    { http, clock: systemClock, exclusive: (work) => work(), ended: () => undefined },
    reply,
  );
  const me = await auth.call(routes.getMe);
  const client = new Client(url);
  return new LiveSession({
    me,
    origin: url,
    auth,
    clock: systemClock,
    openChat: (id) =>
      recordedRoom(
        colyseusRoom(client, auth, "chat", id),
        recorder,
        { client: `${name}@${id.slice(0, 4)}`, person: me.id, room: `chat:${id}` },
        (state) => state,
      ),
    openQueue: (id) => colyseusRoom(client, auth, "waiting", id),
    openVisit: (id) => colyseusRoom(client, auth, "consultation", id),
    store: memoryOutboxStore(),
    hints: () => () => undefined,
    signOut: () => auth.signOut(),
  });
}

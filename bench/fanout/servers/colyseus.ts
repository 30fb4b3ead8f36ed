/** Plain Colyseus: a request, its reply, one broadcast of an object. Nothing is stored or checked. */
import { parseArgs } from "node:util";
import { type Client, defineRoom, defineServer, Room } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });

class ChatRoom extends Room {
  #seq = 0;

  override messages = {
    "chat.send": (client: Client, { id, body }: { id: string; body: string }) => {
      const seq = ++this.#seq;
      const at = Date.now();
      this.broadcast("message", { seq, id, from: client.sessionId, body, at });
      return { seq, at };
    },
  };
}

const server = defineServer({
  greet: false,
  transport: new WebSocketTransport(),
  rooms: { chat: defineRoom(ChatRoom).filterBy(["room"]) },
});
await server.listen(Number(values.port), "127.0.0.1");
console.log(`Listening on http://localhost:${values.port}`);
process.on("SIGTERM", () => process.exit());

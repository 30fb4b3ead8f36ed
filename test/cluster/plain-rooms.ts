/** A process with plain rooms of Colyseus on Redis, as its guide has them: `plain-rooms.ts <redis url> <port>`. */
import { type Client, Room, Server } from "@colyseus/core";
import { RedisDriver } from "@colyseus/redis-driver";
import { RedisPresence } from "@colyseus/redis-presence";
import { WebSocketTransport } from "@colyseus/ws-transport";

const [redis = "", port = ""] = process.argv.slice(2);

/** Whoever says something is told how many things were said, and by which process; everyone hears it. */
class CountingRoom extends Room {
  #said = 0;
  override messages = {
    say: (_: Client, text: string) => {
      this.#said += 1;
      this.broadcast("said", text);
      return { said: this.#said, by: process.pid };
    },
  };
}

const server = new Server({
  transport: new WebSocketTransport(),
  presence: new RedisPresence(redis),
  driver: new RedisDriver(redis),
  publicAddress: `127.0.0.1:${port}`,
  greet: false,
});
server.define("plain", CountingRoom).filterBy(["room"]);
await server.listen(Number(port), "127.0.0.1");
console.info(`listening on http://localhost:${port}`);

/** Socket.IO with its Redis adapter, as it is usually run: a message is stored, then sent to its room. */
import { parseArgs } from "node:util";
import { createAdapter } from "@socket.io/redis-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";
import { createTable, insertEach, insertTogether } from "./message-table.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    database: { type: "string", default: "" },
    redis: { type: "string", default: "" },
    pool: { type: "string", default: "10" },
    batched: { type: "boolean", default: false },
  },
});

const pool = new pg.Pool({ connectionString: values.database, max: Number(values.pool) });
await createTable(pool);
const store = values.batched ? insertTogether(pool) : insertEach(pool);

const publisher = createClient({ url: values.redis });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const io = new Server(Number(values.port), {
  transports: ["websocket"],
  serveClient: false,
  adapter: createAdapter(publisher, subscriber),
});

io.on("connection", async (socket) => {
  const room = String(socket.handshake.auth.room);
  socket.on("chat.send", async ({ id, body }, reply) => {
    const from = socket.id;
    const seq = await store({ room, id, from, body });
    const at = Date.now();
    io.to(room).emit("message", { seq, id, from, body, at });
    reply({ seq, at });
  });
  await socket.join(room);
});

io.httpServer.once("listening", () => console.log(`Listening on http://localhost:${values.port}`));
process.on("SIGTERM", () => process.exit());

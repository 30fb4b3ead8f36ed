/** The floor: WebSockets and nothing else. Each message is encoded once and sent to the room's members. */
import { parseArgs } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const rooms = new Map<string, Set<WebSocket>>();
let seq = 0;

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(values.port) });

server.on("connection", (socket, request) => {
  const name = new URL(request.url ?? "/", "ws://server").searchParams.get("room") ?? "";
  const room = rooms.get(name) ?? new Set();
  rooms.set(name, room.add(socket));
  socket.on("close", () => room.delete(socket));
  socket.on("message", (data) => {
    const { id, body } = JSON.parse(data.toString());
    const event = Buffer.from(JSON.stringify({ seq: ++seq, id, from: name, body, at: Date.now() }));
    for (const member of room) member.send(event, { binary: false });
  });
});

server.on("listening", () => console.log(`Listening on http://localhost:${values.port}`));
process.on("SIGTERM", () => process.exit());

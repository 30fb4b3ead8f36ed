import { bodyBytes, bodyTemplate, idTemplate, MessageTemplate } from "./message.ts";
import { colyseusCodes, reserveSeat, takeSeat, untilFrame } from "./seat.ts";
import { LeanSocket } from "./socket.ts";

/** Where one member connects. */
export interface Place {
  readonly url: string;
  readonly room: string;
  /** Sent as a bearer token, where the server asks for one. */
  readonly token?: string;
}

/** What a frame means to the load generator. */
export type Meaning = "delivery" | "accepted" | "refused" | "other";

/** How to talk to one kind of server, as its own client would. */
export interface Dialect {
  /** The opcode of its frames: 1 text, 2 binary. */
  readonly opcode: number;
  /** Whether each message is answered to its sender. */
  readonly replies: boolean;
  /** Connects and resolves when the server counts this member in. */
  join(place: Place): Promise<LeanSocket>;
  /** One message; later only renumbered. */
  template(): MessageTemplate;
  meaning(data: Buffer, start: number, end: number): Meaning;
  /** Answers what the protocol itself asks, such as a heartbeat. */
  attend?(socket: LeanSocket, data: Buffer, start: number, end: number): void;
}

export type DialectName = "ws" | "colyseus" | "socket.io";

const text = 1;
const binary = 2;

const ws: Dialect = {
  opcode: text,
  replies: false,
  join: ({ url, room }) => LeanSocket.open(new URL(url), `/?room=${room}`),
  template: () =>
    new MessageTemplate(Buffer.from(JSON.stringify({ id: idTemplate(), body: bodyTemplate() }))),
  meaning: () => "delivery",
};

const colyseus: Dialect = {
  opcode: binary,
  replies: true,
  join: (place) => joinColyseus("chat", place),
  template: () => {
    const name = Buffer.from("chat.send");
    const id = Buffer.from(idTemplate());
    // The request's own number is left at one value: servers hand it back unread.
    const head = [colyseusCodes.request, 1, 0xa0 | name.length, ...name, 0x82];
    const idField = [0xa2, ...Buffer.from("id"), 0xd9, id.length, ...id];
    const bodyField = [0xa4, ...Buffer.from("body"), 0xd9, bodyBytes, ...Buffer.from(bodyTemplate())];
    return new MessageTemplate(Buffer.from([...head, ...idField, ...bodyField]));
  },
  meaning: (data, start) => {
    const code = data[start];
    if (code === colyseusCodes.data || code === colyseusCodes.dataBytes) return "delivery";
    if (code !== colyseusCodes.response) return "other";
    return data[start + 2] === 0 ? "accepted" : "refused";
  },
};

/** Takes a seat in a Colyseus room, as the SDK would; frames that follow wait for a receiver. */
export async function joinColyseus(kind: string, place: Place): Promise<LeanSocket> {
  return takeSeat(await reserveSeat(kind, place), place);
}

/** Engine.IO's packet types, and Socket.IO's inside its messages: all of them digits in text. */
const engineIo = { open: 0x30, ping: 0x32, message: 0x34 };
const socketIoTypes = { event: 0x32, ack: 0x33 };

const socketIo: Dialect = {
  opcode: text,
  replies: true,
  join: async ({ url, room }) => {
    const socket = await LeanSocket.open(new URL(url), "/socket.io/?EIO=4&transport=websocket");
    await untilFrame(socket, (data, start) => data[start] === engineIo.open);
    socket.send(text, Buffer.from(`40${JSON.stringify({ room })}`));
    await untilFrame(socket, (data, start) => data.toString("latin1", start, start + 2) === "40");
    return socket;
  },
  template: () => {
    const payload = { id: idTemplate(), body: bodyTemplate() };
    return new MessageTemplate(Buffer.from(`421${JSON.stringify(["chat.send", payload])}`));
  },
  meaning: (data, start) => {
    if (data[start] !== engineIo.message) return "other";
    if (data[start + 1] === socketIoTypes.event) return "delivery";
    return data[start + 1] === socketIoTypes.ack ? "accepted" : "other";
  },
  attend: (socket, data, start, end) => {
    if (end - start === 1 && data[start] === engineIo.ping) socket.send(text, Buffer.from("3"));
  },
};

export const dialects: Readonly<Record<DialectName, Dialect>> = { ws, colyseus, "socket.io": socketIo };

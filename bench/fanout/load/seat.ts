import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import type { Place } from "./dialects.ts";
import { LeanSocket } from "./socket.ts";

/** First bytes of Colyseus' frames. */
export const colyseusCodes = {
  join: 10,
  error: 11,
  data: 13,
  state: 14,
  patch: 15,
  dataBytes: 17,
  request: 21,
  response: 22,
};

/** A place that a Colyseus server keeps for somebody. */
export interface Seat {
  readonly sessionId: string;
  readonly roomId: string;
  readonly processId: string;
  /** Host and port; left out: where it was asked for. */
  readonly publicAddress?: string;
}

const binary = 2;
const joined = Uint8Array.of(colyseusCodes.join);
const patienceMs = 10_000;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Asks the matchmaker for a seat. Throws when there is none. */
export async function reserveSeat(kind: string, { url, room, token }: Place): Promise<Seat> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asking = request(`${url}/matchmake/joinOrCreate/${kind}`, {
    method: "POST",
    agent,
    timeout: patienceMs,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
  });
  asking.on("response", resolve);
  asking.on("error", reject);
  asking.on("timeout", () => asking.destroy(new Error(`No seat in ${room}: no answer.`)));
  asking.end(JSON.stringify({ room }));
  const response = await promise;
  const answer: unknown = JSON.parse(await text(response));
  if (response.statusCode === 200 && isSeat(answer)) return answer;
  throw new Error(`No seat in ${room}: ${response.statusCode} ${JSON.stringify(answer)}`);
}

/** Connects to a seat, as the SDK would; frames that follow wait for a receiver. */
export async function takeSeat(
  seat: Seat,
  { url, token }: Pick<Place, "url" | "token">,
): Promise<LeanSocket> {
  const query = new URLSearchParams({ sessionId: seat.sessionId, ...(token && { _authToken: token }) });
  // Without a name to be looked up for each connection.
  const address = seat.publicAddress?.replace(/^localhost:/, "127.0.0.1:");
  const base = new URL(address === undefined ? url : `http://${address}`);
  const socket = await LeanSocket.open(base, `/${seat.processId}/${seat.roomId}?${query}`);
  await untilFrame(socket, (data, start, end) => {
    const code = data[start];
    if (code === colyseusCodes.error) throw new Error(`Refused: ${data.toString("latin1", start, end)}`);
    if (code === colyseusCodes.join) socket.send(binary, joined);
    return code === colyseusCodes.join;
  });
  return socket;
}

function isSeat(value: unknown): value is Seat {
  return (
    typeof value === "object" &&
    value !== null &&
    "sessionId" in value &&
    "roomId" in value &&
    "processId" in value
  );
}

/** Resolves at the first frame that the test accepts; rejects when it throws or the connection closes. */
export function untilFrame(
  socket: LeanSocket,
  accept: (data: Buffer, start: number, end: number) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.onClose = () => reject(new Error("The server closed the connection during the join."));
    socket.receive((_opcode, data, start, end) => {
      try {
        if (!accept(data, start, end)) return;
        socket.receive(null);
        socket.onClose = () => undefined;
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

import { request } from "node:http";
import { createServer, Socket } from "node:net";
import { freePort } from "../../support/ports.ts";

/** One address for all processes, as clients know a cluster: each new connection goes to one that is ready. */
export interface Balancer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  dispose(): Promise<void>;
}

interface Backend {
  readonly port: number;
  /** It answers at all. */
  alive: boolean;
  /** It says that it can do its work. */
  ready: boolean;
  readonly open: Set<Socket>;
}

/** Milliseconds. A process on a machine that has much else to do is slow, not gone. */
const lookEvery = 250;
const answerWithin = 5_000;

/**
 * Starts one before these ports, all of which answer now. It looks at every process all the time. Where one does not answer, what goes
 * through here to it is ended: it is short HTTP requests, which their senders repeat. (Room sockets do not come this way.)
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const backends = ports.map((port): Backend => ({ port, alive: true, ready: true, open: new Set() }));
  let next = 0;
  const pick = (): Backend | undefined => {
    next += 1;
    const turn = [...backends.slice(next % ports.length), ...backends.slice(0, next % ports.length)];
    const alive = turn.filter((one) => one.alive);
    return alive.find((one) => one.ready) ?? alive[0];
  };
  const server = createServer((client) => {
    const backend = pick();
    if (backend) join(client, backend);
    else client.resetAndDestroy();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const looks = backends.flatMap((backend) => [
    every(lookEvery, async () => {
      backend.alive = (await statusOf(backend.port, "/healthz", answerWithin)) !== null;
      if (!backend.alive) for (const socket of backend.open) socket.destroy();
    }),
    every(lookEvery, async () => {
      backend.ready = (await statusOf(backend.port, "/readyz", answerWithin)) === 200;
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    dispose: async () => {
      for (const stop of looks) stop();
      for (const { open } of backends) for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(client: Socket, { port, open }: Backend): void {
  const service = new Socket();
  const end = () => {
    open.delete(client);
    client.destroy();
    service.destroy();
  };
  open.add(client);
  for (const socket of [client, service]) {
    socket.setNoDelay(true);
    socket.on("error", end);
    socket.on("close", end);
  }
  service.connect(port, "127.0.0.1");
  client.pipe(service);
  service.pipe(client);
}

/** Does it again so long after it was done, until the returned function is called. */
function every(ms: number, work: () => Promise<void>): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const turn = async (): Promise<void> => {
    await work();
    if (!stopped) timer = setTimeout(turn, ms);
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** null: no answer within so long (ms). */
function statusOf(port: number, path: string, timeout: number): Promise<number | null> {
  return new Promise((resolve) => {
    const asking = request({ host: "127.0.0.1", port, path, agent: false, timeout }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", () => resolve(null));
    asking.end();
  });
}

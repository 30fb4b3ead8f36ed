import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:net";
import { join } from "node:path";
import { createSecureContext, getCACertificates, setDefaultCACertificates, TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../core/platform/database/database.ts";
import { createFeed } from "../../core/platform/journal/feed.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { privateRanges } from "../../core/platform/net/addresses.ts";
import { OutboundFailed } from "../../core/platform/net/failure.ts";
import { createOutbound } from "../../core/platform/net/outbound.ts";
import { createWebhooks } from "../../core/platform/webhooks/webhooks.ts";
import { createPaper } from "../persistence/written-room.ts";
import { type Authority, type Certificate, createAuthority } from "../support/certificates.ts";
import { startPostgres } from "../support/postgres.ts";
import { compileCache, launch, temporaryFolder } from "../support/processes.ts";
import { openSilentServer } from "../support/silent-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const name = "hooks.clinic.example";
const bundled = getCACertificates("default");
let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});
afterAll(() => authority.remove());
const undo: (() => unknown)[] = [];
afterEach(async () => {
  setDefaultCACertificates(bundled);
  for (const step of undo.splice(0).reverse()) await step();
});

const listen = async (server: Server): Promise<number> => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  undo.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
};

/** A receiver; `names` are those that it was asked for by in the handshake (SNI), `came` the requests that got through. */
async function receive(own: Certificate | null, others: Readonly<Record<string, Certificate>> = {}) {
  const names: (string | false | null)[] = [];
  const came: string[] = [];
  const server = createServer(
    {
      ...own,
      SNICallback: (asked, done) => {
        const shown = own ?? others[asked];
        done(null, shown && createSecureContext(shown));
      },
    },
    (request, response) => {
      if (request.socket instanceof TLSSocket) names.push(request.socket.servername);
      came.push(String(request.headers.host));
      request.resume();
      response.writeHead(204).end();
    },
  );
  server.on("tlsClientError", () => undefined);
  return { port: await listen(server), names, came };
}

/** Every name leads here. */
const outbound = createOutbound({ allowed: privateRanges, resolve: async () => ["127.0.0.1"] });
const post = (url: string, timeoutMs = 20_000): Promise<unknown> =>
  outbound.post(url, { headers: {}, body: "{}", timeoutMs }).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof OutboundFailed ? error.reason : error),
  );
const trust = () => setDefaultCACertificates([...bundled, authority.ca]);

describe("a call over TLS", () => {
  it("goes to the address that was checked, and shows and checks the name all the same", async () => {
    const receiver = await receive(authority.issue(`DNS:${name}`));
    trust();
    expect(await post(`https://${name}:${receiver.port}/`)).toBe(204);
    expect(await post(`https://${name}.:${receiver.port}/`)).toBe(204);
    expect(receiver.names).toEqual([name, name]);
    // It is this server at this address; the certificate decides.
    expect(await post(`https://other.example:${receiver.port}/`)).toBe("certificate_name");
    expect(await post(`https://127.0.0.1:${receiver.port}/`)).toBe("certificate_name");
    expect(receiver.came).toHaveLength(2);
  });

  it("does not take the address's own certificate for the name's", async () => {
    const receiver = await receive(authority.issue("IP:127.0.0.1"));
    trust();
    expect(await post(`https://${name}:${receiver.port}/`)).toBe("certificate_name");
    expect(receiver.came).toEqual([]);
    expect(await post(`https://127.0.0.1:${receiver.port}/`)).toBe(204);
    // Names of addresses are not shown (RFC 6066).
    expect(receiver.names).toEqual([false]);
  });

  it("gets the certificate of its name where a server has several", async () => {
    const [one, two] = ["one.example", "two.example"];
    const receiver = await receive(null, {
      [one]: authority.issue(`DNS:${one}`),
      [two]: authority.issue(`DNS:${two}`),
    });
    trust();
    for (const each of [one, two, one]) expect(await post(`https://${each}:${receiver.port}/`)).toBe(204);
    expect(receiver.names).toEqual([one, two, one]);
  });

  it.each([
    ["self-signed", "certificate_untrusted"],
    ["expired", "certificate_expired"],
  ] as const)("sends nothing where the certificate is %s", async (how, reason) => {
    const receiver = await receive(authority.issue(`DNS:${name}`, how));
    trust();
    expect(await post(`https://${name}:${receiver.port}/`)).toBe(reason);
    expect(receiver.came).toEqual([]);
  });

  it("sends nothing where nobody trusts the authority, whatever the environment says", async () => {
    const receiver = await receive(authority.issue(`DNS:${name}`));
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    undo.push(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    expect(await post(`https://${name}:${receiver.port}/`)).toBe("certificate_untrusted");
    expect(receiver.came).toEqual([]);
  });

  it("ends in time where the handshake stands still, and says that it was the handshake", async () => {
    const silent = await openSilentServer();
    undo.push(silent.close);
    expect(await post(`https://${name}:${silent.port}/`, 300)).toBe("tls_timeout");
    const slow = createServer(authority.issue(`DNS:${name}`), () => undefined);
    undo.push(() => slow.closeAllConnections());
    const port = await listen(slow);
    trust();
    expect(await post(`https://${name}:${port}/`, 2_000)).toBe("timeout");
  });

  it("tells what speaks no TLS", async () => {
    const port = await listen(createPlainServer((_, response) => response.end()));
    expect(await post(`https://${name}:${port}/`)).toBe("tls");
  });
});

it("a process that trusts the clinic's authority delivers, and says of each other webhook what to do", async () => {
  const postgres = await startPostgres();
  const folder = temporaryFolder("tls");
  const keyFile = join(folder.path, "keys.json");
  const database = await openPostgres(postgres.url, 4);
  undo.push(folder.remove, postgres.dispose, () => database.close());
  const ring = await openKeyFile(keyFile);
  const paper = createPaper(database, ring);
  const feed = createFeed({ ...database, keys: paper.keys, log: createLogger({ level: "silent" }) });
  const webhooks = createWebhooks({
    ...database,
    ...{ feed, ring, now: () => Date.now(), wake: () => undefined },
    outbound: createOutbound({ allowed: privateRanges }),
  });
  const cases = [
    ["IP:127.0.0.1", "good", "delivered", null],
    ["IP:127.0.0.1", "expired", "certificate_expired", /Renew it/],
    ["IP:127.0.0.1", "self-signed", "certificate_untrusted", /operator trust yours/],
    [`DNS:${name}`, "good", "certificate_name", /of another name/],
  ] as const;
  const made = await Promise.all(
    cases.map(async ([of, how]) => {
      const receiver = await receive(authority.issue(of, how));
      const url = `https://127.0.0.1:${receiver.port}/`;
      return { receiver, ...(await webhooks.create("clinic", "admin", { url, types: ["*"] })).webhook };
    }),
  );
  const sender = await launch({
    command: process.execPath,
    args: ["app/run.mjs", "test/webhooks/dispatcher-process.ts", postgres.url, keyFile],
    cwd: root,
    env: { PATH: process.env.PATH, ...compileCache, NODE_EXTRA_CA_CERTS: authority.file },
    ready: /delivering/,
    readyWithin: 60_000,
  });
  undo.push(async () => {
    sender.signal("SIGKILL");
    await sender.exited;
  });
  const room = await paper.room({ kind: "chat", id: "r" }, "clinic");
  const said = { at: 1, by: "a", event: { type: "chat.message", id: "m", body: "x" } };
  expect(await paper.journal.append([room.part([said])])).toEqual(["appended"]);
  for (const [i, [, , how, advice]] of cases.entries()) {
    const { id, receiver } = made[i] ?? { id: "", receiver: null };
    const look = async () => (await webhooks.deliveries("clinic", id, { limit: 1 }))[0];
    await expect.poll(async () => (await look())?.attempts, { timeout: 60_000 }).toBe(1);
    const delivery = await look();
    expect(delivery?.fault ?? delivery?.state).toBe(how);
    if (advice) expect(delivery?.advice).toMatch(advice);
    else expect(delivery?.advice).toBeNull();
    expect(receiver?.came).toHaveLength(advice ? 0 : 1);
  }
}, 120_000);

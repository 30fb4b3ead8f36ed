import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Chat, HugMeDo } from "../../client/sdk/index.ts";
import { buildPageIfStale } from "../../client/web/build-page.ts";
import { readRows } from "../durability/store.ts";
import { seedOf, trial } from "../durability/trial.ts";
import { startTopology, type Topology } from "./topology.ts";
import { ask } from "./wire.ts";

let topology: Topology;

beforeAll(async () => {
  // In an image it is there before anything starts.
  await buildPageIfStale();
  topology = await startTopology();
  // The first one makes the demo's accounts, which takes longest.
  await topology.add(1);
  await topology.add(2);
  expect(topology.processes).toHaveLength(3);
  // What a browser would have to be told of a certificate that it does not know: here, and in the clients' process.
  const { certificate, certificateFile } = topology.nginx;
  setDefaultCACertificates([...getCACertificates("default"), certificate]);
  process.env.NODE_EXTRA_CA_CERTS = certificateFile;
}, 300_000);
afterAll(() => topology?.dispose());

/** Resolves once the chat shows what is asked for. */
function until(chat: Chat, wanted: (snapshot: Chat["snapshot"]) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (snapshot: Chat["snapshot"]) => {
      if (!wanted(snapshot)) return;
      stop();
      resolve();
    };
    const stop = chat.on("change", look);
    look(chat.snapshot);
  });
}

/** The processes that sockets went to. */
function socketsOf({ nginx }: Topology): ReadonlySet<unknown> {
  const opened = nginx.entries().filter(({ part, status }) => part === "socket" && status === "101");
  return new Set(opened.map(({ upstream }) => upstream));
}

test("page, API, matchmaking and sockets come through nginx", async () => {
  const { nginx } = topology;
  const page = await ask(nginx, "/");
  expect(page.status).toBe(200);
  expect(page.headers["content-type"]).toMatch(/^text\/html/);
  expect(page.headers["strict-transport-security"]).toBeDefined();
  const script = /"(?:\.?\/)?(_app\/immutable\/[^"]+\.js)"/.exec(page.body)?.[1];
  expect(await ask(nginx, `/${script}`)).toMatchObject({ status: 200 });

  const people = await Promise.all(
    ["patient", "clinician"].map((username) =>
      HugMeDo.signIn({ url: nginx.url, username, password: `demo-${username}` }),
    ),
  );
  const [patient, clinician] = people.map((session) => session.joinChat("demo"));
  if (!patient || !clinician) throw new Error("nobody has signed in");
  await patient.send("はじめまして");
  await until(clinician, ({ messages }) => messages.some(({ body }) => body === "はじめまして"));
  await Promise.all(people.map((session) => session.signOut()));
});

test("200 clients of three processes notice nothing when one is killed, one is added and one is drained", async () => {
  const { nginx, databaseUrl } = topology;
  const [doomed, drained] = topology.processes;
  const steps = [
    async () => {
      await doomed?.kill();
      return "a process was killed";
    },
    async () => {
      await topology.add(1);
      return "a process was added";
    },
    async () => {
      expect(await drained?.stop()).toBe(0);
      return "a process was drained, and has ended";
    },
  ];
  const result = await trial({
    servers: [nginx.url],
    seed: seedOf("topology"),
    // Five people are in each.
    rooms: 40,
    rate: 150,
    breaks: steps.length,
    breakIt: () => steps.shift()?.() ?? Promise.reject(new Error("nothing is left to break")),
    readRows: (chats) => readRows(databaseUrl, chats),
  });
  expect(result.report).toBe("nothing is wrong");
  expect(result.unsettled).toEqual([]);
  expect(topology.processes.map(({ name }) => name)).toHaveLength(2);
  expect([...socketsOf(topology)].sort()).toEqual(
    [doomed, drained, ...topology.processes].map((one) => one?.upstream).sort(),
  );
}, 120_000);

test("no token is in any log", async () => {
  const { nginx, processes } = topology;
  const logs = nginx.logs() + processes.map((one) => one.output()).join();
  expect(logs).toContain('"part":"socket"');
  expect(logs).not.toMatch(/_authToken|reconnectionToken|Bearer/);
  // How every JSON Web Token begins.
  expect(logs).not.toContain("eyJ");
});

import { expect, it } from "vitest";
import type { BackendName } from "../core/domain/call/state.ts";
import { DomainError } from "../core/domain/errors.ts";
import { createLogger } from "../core/platform/logger.ts";
import type { MediaBackend } from "./backend.ts";
import { createMediaService, type MediaServiceParts } from "./media-service.ts";
import type { Recorder } from "./recorder.ts";

const call = { org: "clinic", ref: { kind: "consultation", id: "v" } } as const;
const session = { ...call, n: 1, place: null };
const open = (id: "chime" | "mediasoup") => ({ to: { id }, name: "open", payload: { n: 1 } });

/** Two backends, of which the first answers as `chime` says. */
function bench(patience: { answerMs?: number; restMs?: number } = {}, parts: MediaServiceParts = {}) {
  const asked: string[] = [];
  const says = {
    chime: (): Promise<string | null> => Promise.resolve("here"),
    fault: "no region answers" as string | null,
  };
  const backend = (name: "chime" | "mediasoup"): MediaBackend => ({
    name,
    open: async () => {
      asked.push(name);
      return name === "chime" ? says.chime() : null;
    },
    join: async () => ({ backend: "peer", iceServers: [], polite: false }),
    signal: async () => {
      throw new DomainError("invalid_payload");
    },
    leave: () => Promise.reject(new Error("gone")),
    close: async () => {},
    health: async () => (name === "chime" ? says.fault : null),
  });
  const log = createLogger({ level: "silent" });
  const usual = { answerMs: 1_000, failures: 3, restMs: 60_000, ...patience };
  const backends = [backend("chime"), backend("mediasoup")];
  const service = createMediaService(backends, log, usual, parts);
  return { service, backends, asked, says };
}

const refused = { code: "media_unavailable" };

it("brings back where the session is kept", async () => {
  const { service } = bench();
  expect(await service.run(call, open("chime"))).toBe("here");
  expect(await service.run(call, open("mediasoup"))).toBeNull();
});

it("leaves out what is off for as long as it is", async () => {
  const on = { chime: false };
  const { backends } = bench();
  const [chime, ...others] = backends;
  if (!chime) throw new Error("no backend");
  const all = [{ ...chime, ready: () => on.chime }, ...others];
  const service = createMediaService(all, createLogger({ level: "silent" }));
  expect(await service.order("clinic")).toEqual(["mediasoup"]);
  on.chime = true;
  expect(await service.order("clinic")).toEqual(["chime", "mediasoup"]);
});

it("asks no more of what fails again and again, and has it tried last until it works again", async () => {
  const { service, asked, says } = bench({ restMs: 50 });
  says.chime = () => Promise.reject(new Error("throttled"));
  expect(await service.order("clinic")).toEqual(["chime", "mediasoup"]);
  for (let tries = 0; tries < 5; tries += 1) {
    await expect(service.run(call, open("chime"))).rejects.toMatchObject(refused);
  }
  expect(asked).toHaveLength(3);
  expect(await service.order("clinic")).toEqual(["mediasoup", "chime"]);
  says.chime = () => Promise.resolve("back");
  says.fault = null;
  await expect.poll(() => service.run(call, open("chime")).catch(() => "not yet")).toBe("back");
  expect(await service.order("clinic")).toEqual(["chime", "mediasoup"]);
});

it("keeps to an organisation's own order, and to what it leaves out", async () => {
  const chosen: Record<string, readonly BackendName[]> = {
    turned: ["mediasoup", "chime"],
    frugal: ["mediasoup"],
    // It chose when there was more.
    bygone: ["peer"],
  };
  const orders = async (org: string) => chosen[org] ?? null;
  const { service, says } = bench({}, { orders });
  const shown = async () => Promise.all(Object.keys(chosen).map((org) => service.order(org)));
  expect(await shown()).toEqual([["mediasoup", "chime"], ["mediasoup"], []]);
  expect(await service.order("clinic")).toEqual(["chime", "mediasoup"]);
  expect([...service.failing()]).toEqual([
    ["chime", false],
    ["mediasoup", false],
  ]);
  says.chime = () => Promise.reject(new Error("throttled"));
  for (let tries = 0; tries < 3; tries += 1) await service.run(call, open("chime")).catch(() => {});
  expect(await service.order("clinic")).toEqual(["mediasoup", "chime"]);
  expect(await service.order("frugal")).toEqual(["mediasoup"]);
  expect(service.failing().get("chime")).toBe(true);
});

it("tells how long it took to let somebody in, and nothing of those who were not", async () => {
  const told: string[] = [];
  const joined = (backend: BackendName, ms: number) => told.push(`${backend} ${ms >= 0}`);
  const { service } = bench({}, { joined });
  await service.join("mediasoup", session, { person: "p", polite: true });
  await service.join("peer", session, { person: "p", polite: true }).catch(() => {});
  expect(told).toEqual(["mediasoup true"]);
});

it("finds out by itself that a backend works again, and no sooner", async () => {
  const { service, says, asked } = bench({ restMs: 20 });
  says.chime = () => Promise.reject(new Error("throttled"));
  for (let tries = 0; tries < 3; tries += 1) await service.run(call, open("chime")).catch(() => {});
  // Nothing happens that could be awaited: it is left alone for longer than it rests.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(service.failing().get("chime")).toBe(true);
  says.fault = null;
  await expect.poll(() => service.failing().get("chime")).toBe(false);
  expect(asked).toHaveLength(3);
});

it("takes no look at its health, and no end of what was never opened, for a sign that a backend is well", async () => {
  const { service, says } = bench();
  says.chime = () => Promise.reject(new Error("throttled"));
  says.fault = null;
  for (let tries = 0; tries < 3; tries += 1) {
    await service.run(call, open("chime")).catch(() => {});
    await service.run(call, { ...open("chime"), name: "close", payload: { n: 1, place: null } });
    await service.health();
  }
  expect(service.failing().get("chime")).toBe(true);
});

it("takes no answer in time for a failure", async () => {
  const { service, says } = bench({ answerMs: 20 });
  says.chime = () => new Promise(() => {});
  await expect(service.run(call, open("chime"))).rejects.toMatchObject(refused);
});

it("takes a refusal for an answer", async () => {
  const { service } = bench();
  for (let tries = 0; tries < 5; tries += 1) {
    await expect(service.signal("chime", session, "p", {})).rejects.toMatchObject({
      code: "invalid_payload",
    });
  }
  expect(await service.order("clinic")).toEqual(["chime", "mediasoup"]);
});

it("lets people leave what is gone, and says what is wrong with whom", async () => {
  const { service } = bench();
  await service.leave("chime", session, "p");
  expect([...(await service.health())]).toEqual([
    ["chime", "no region answers"],
    ["mediasoup", null],
  ]);
});

it("has recorders begin, go on and end where a backend has one, and refuses where it has none", async () => {
  const done: string[] = [];
  const { service, backends } = bench();
  const recorder: Recorder = {
    start: async ({ place }, { segment }) => void done.push(`start ${segment} at ${place}`),
    renew: async (_, { segment }, epoch) => {
      done.push(`renew ${segment} by ${epoch}`);
      return "running";
    },
    stop: async (_, { segment }) => void done.push(`stop ${segment}`),
  };
  const [chime, mediasoup] = backends;
  if (!chime || !mediasoup) throw new Error("two were made");
  const recording = createMediaService(
    [{ ...chime, recorder }, mediasoup],
    createLogger({ level: "silent" }),
  );
  const of = { recording: "r", segment: 2 };
  const errand = (name: string, id: "chime" | "mediasoup" = "chime") => ({
    ...{ to: { id }, name, payload: { n: 1, place: "here", ...of } },
  });
  expect(recording.recordable()).toEqual(["chime"]);
  expect(service.recordable()).toEqual([]);
  await recording.run(call, errand("record"));
  expect(await recording.renew("chime", session, of, 7)).toBe("running");
  await recording.run(call, errand("halt"));
  expect(done).toEqual(["start 2 at here", "renew 2 by 7", "stop 2"]);
  await expect(recording.run(call, errand("record", "mediasoup"))).rejects.toMatchObject({
    code: "recording_unavailable",
  });
});

it("has nothing of a backend that this process was not given", async () => {
  const { service } = bench();
  await expect(service.join("peer", session, { person: "p", polite: true })).rejects.toMatchObject(refused);
});

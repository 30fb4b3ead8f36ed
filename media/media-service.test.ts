import { expect, it } from "vitest";
import { DomainError } from "../core/domain/errors.ts";
import { createLogger } from "../core/platform/logger.ts";
import type { MediaBackend } from "./backend.ts";
import { createMediaService } from "./media-service.ts";
import type { Recorder } from "./recorder.ts";

const call = { org: "clinic", ref: { kind: "consultation", id: "v" } } as const;
const session = { ...call, n: 1, place: null };
const open = (id: "chime" | "mediasoup") => ({ to: { id }, name: "open", payload: { n: 1 } });

/** Two backends, of which the first answers as `chime` says. */
function bench(patience: { answerMs?: number; restMs?: number } = {}) {
  const asked: string[] = [];
  const says = { chime: (): Promise<string | null> => Promise.resolve("here") };
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
    health: async () => (name === "chime" ? "no region answers" : null),
  });
  const log = createLogger({ level: "silent" });
  const usual = { answerMs: 1_000, failures: 3, restMs: 60_000, ...patience };
  const backends = [backend("chime"), backend("mediasoup")];
  const service = createMediaService(backends, log, usual);
  return { service, backends, asked, says };
}

const refused = { code: "media_unavailable" };

it("brings back where the session is kept", async () => {
  const { service } = bench();
  expect(await service.run(call, open("chime"))).toBe("here");
  expect(await service.run(call, open("mediasoup"))).toBeNull();
});

it("asks no more of what fails again and again, and has it tried last until it works again", async () => {
  const { service, asked, says } = bench({ restMs: 50 });
  says.chime = () => Promise.reject(new Error("throttled"));
  expect(service.order()).toEqual(["chime", "mediasoup"]);
  for (let tries = 0; tries < 5; tries += 1) {
    await expect(service.run(call, open("chime"))).rejects.toMatchObject(refused);
  }
  expect(asked).toHaveLength(3);
  expect(service.order()).toEqual(["mediasoup", "chime"]);
  says.chime = () => Promise.resolve("back");
  await expect.poll(() => service.run(call, open("chime")).catch(() => "not yet")).toBe("back");
  expect(service.order()).toEqual(["chime", "mediasoup"]);
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
  expect(service.order()).toEqual(["chime", "mediasoup"]);
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

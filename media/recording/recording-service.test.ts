import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { FinishPlan } from "../../core/domain/recording/manifest.ts";
import { manifestText } from "../../core/domain/recording/manifest.ts";
import { type RoomVault, SpoiltObject } from "../../core/platform/objects/vault.ts";
import { type Assemble, createRecordingService, runRecordings } from "./recording-service.ts";

const from = { org: "clinic", ref: { kind: "consultation", id: "v" } } as const;
const segment = { segment: 1, backend: "peer", from: 1_000, to: 9_000 } as const;
const text = { version: 3, language: "ja" };
const plan: FinishPlan = {
  recording: "r",
  segments: [segment],
  facts: {
    ...{ recording: "r", startedBy: "ito", from: 900, to: 9_000, reason: "stopped" },
    ...{ intervals: [segment], gaps: [], participants: [] },
    consents: [{ person: "anna", givenAt: 800, withdrawnAt: null, text }],
  },
};

function memory(): RoomVault & { readonly objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>();
  const inside = (folder: string) => [...objects.keys()].filter((name) => name.startsWith(folder)).sort();
  return {
    objects,
    put: async (name, bytes) => void objects.set(name, Buffer.from(bytes)),
    get: async (name) => objects.get(name) ?? null,
    list: async (folder) => inside(folder),
    remove: async (folder) => {
      for (const name of inside(folder)) objects.delete(name);
    },
  };
}

function bench(assemble: Assemble) {
  const vault = memory();
  const service = createRecordingService({ recordingsOf: async () => vault }, assemble);
  return { vault, service };
}

it("makes the files once, whoever asks, then and later", async () => {
  let made = 0;
  const { vault, service } = bench(async () => {
    made += 1;
    return { files: [], fault: `try ${made}` };
  });
  const [one, two] = await Promise.all([service.finish(from, plan), service.finish(from, plan)]);
  expect(two).toBe(one);
  const said = manifestText(plan.facts, { files: [], fault: "try 1" });
  const sha256 = createHash("sha256").update(said).digest("hex");
  expect(JSON.parse(one)).toEqual({ files: [], fault: "try 1", sha256 });
  const restarted = createRecordingService({ recordingsOf: async () => vault }, () =>
    Promise.reject(new Error("they are made already")),
  );
  const to = { id: "r" };
  expect(await runRecordings(restarted, from, { to, name: "finish", payload: plan })).toBe(one);
  expect(vault.objects.get("r/finished")?.toString()).toBe(one);
  await runRecordings(restarted, from, { to, name: "remove", payload: { recording: "r" } });
  expect(vault.objects.size).toBe(0);
});

it("takes in what the room says with nothing left out: the checksum is of all of it", async () => {
  const { service } = bench(async () => ({ files: [], fault: null }));
  const payload: object = JSON.parse(JSON.stringify(plan));
  const answer = await runRecordings(service, from, { to: { id: "r" }, name: "finish", payload });
  const said = manifestText(plan.facts, { files: [], fault: null });
  expect(said).toContain('"ja"');
  const sha256 = createHash("sha256").update(said).digest("hex");
  expect(JSON.parse(answer ?? "")).toMatchObject({ sha256 });
});

it("makes anew what somebody has changed after it was made", async () => {
  const { vault } = bench(async () => ({ files: [], fault: null }));
  let changed = true;
  const spoilt: RoomVault = {
    ...vault,
    get: async (name) => {
      if (name === "r/finished" && changed) throw new SpoiltObject(new Error("another tag"));
      return vault.get(name);
    },
    put: async (name, bytes) => {
      changed = false;
      await vault.put(name, bytes);
    },
  };
  const service = createRecordingService({ recordingsOf: async () => spoilt }, async () => ({
    ...{ files: [], fault: "nothing was kept of segment 1" },
  }));
  const made = await service.finish(from, plan);
  expect(JSON.parse(made)).toMatchObject({ fault: "nothing was kept of segment 1" });
  expect(await service.finish(from, plan)).toBe(made);
});

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { FinishPlan } from "../../core/domain/recording/manifest.ts";
import { manifestText } from "../../core/domain/recording/manifest.ts";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import { type Assemble, createRecordingService, runRecordings } from "./recording-service.ts";

const from = { org: "clinic", ref: { kind: "consultation", id: "v" } } as const;
const segment = { segment: 1, backend: "peer", from: 1_000, to: 9_000 } as const;
const plan: FinishPlan = {
  recording: "r",
  segments: [segment],
  facts: {
    ...{ recording: "r", startedBy: "ito", from: 900, to: 9_000, reason: "stopped" },
    ...{ intervals: [segment], gaps: [], participants: [], consents: [] },
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
  const text = manifestText(plan.facts, { files: [], fault: "try 1" });
  const sha256 = createHash("sha256").update(text).digest("hex");
  expect(JSON.parse(one)).toEqual({ files: [], fault: "try 1", sha256 });
  const restarted = createRecordingService({ recordingsOf: async () => vault }, () =>
    Promise.reject(new Error("they are made already")),
  );
  const to = { id: "r" };
  expect(await runRecordings(restarted, from, { to, name: "finish", payload: plan })).toBe(one);
  await runRecordings(restarted, from, { to, name: "remove", payload: { recording: "r" } });
  expect(vault.objects.size).toBe(0);
});

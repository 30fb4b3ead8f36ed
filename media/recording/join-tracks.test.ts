import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { FinishPlan } from "../../core/domain/recording/manifest.ts";
import { manifestText } from "../../core/domain/recording/manifest.ts";
import { partBytes, type RoomVault, recordingNames } from "../../core/platform/objects/vault.ts";
import { joinTracks } from "./join-tracks.ts";
import { createRecordingService } from "./recording-service.ts";

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

async function track(vault: RoomVault, chunks: readonly Buffer[]) {
  const header = { person: null, slots: ["audio"], mime: "video/webm", startedAt: 1_500 };
  await vault.put(recordingNames.header("r", 1, "browser"), Buffer.from(JSON.stringify(header)));
  for (const [index, chunk] of chunks.entries()) {
    await vault.put(recordingNames.chunk("r", 1, "browser", index), chunk);
  }
}

function bench() {
  const vault = memory();
  const service = createRecordingService({ recordingsOf: async () => vault }, joinTracks);
  return { vault, service };
}

it("joins a track to one file, in parts, with its checksum and one over everything", async () => {
  const { vault, service } = bench();
  const chunks = [randomBytes(partBytes - 3), randomBytes(10), randomBytes(partBytes * 2)];
  await track(vault, chunks);
  const finished = JSON.parse(await service.finish(from, plan));
  const whole = Buffer.concat(chunks);
  const sha256 = createHash("sha256").update(whole).digest("hex");
  const file = {
    ...{ name: "1-browser.webm", person: null, mime: "video/webm", bytes: whole.length, sha256 },
    ...{ durationMs: 7_500, from: 1_500, to: 9_000 },
  };
  expect(finished).toMatchObject({ files: [file], fault: null });
  const text = manifestText(plan.facts, { files: [file], fault: null });
  expect(finished.sha256).toBe(createHash("sha256").update(text).digest("hex"));
  const parts = await vault.list("r/files/");
  const kept = await Promise.all(parts.map(async (name) => (await vault.get(name)) ?? Buffer.alloc(0)));
  expect(kept.slice(0, -1).every(({ length }) => length === partBytes)).toBe(true);
  expect(Buffer.concat(kept).equals(whole)).toBe(true);
});

it("says what is missing, and takes what comes before it", async () => {
  const { vault, service } = bench();
  expect(JSON.parse(await service.finish(from, plan)).fault).toBe("nothing was kept of segment 1");
  const again = bench();
  await track(again.vault, [Buffer.from("one"), Buffer.from("two"), Buffer.from("three")]);
  again.vault.objects.delete(recordingNames.chunk("r", 1, "browser", 1));
  const { files, fault } = JSON.parse(await again.service.finish(from, plan));
  expect(files).toMatchObject([{ bytes: 3 }]);
  expect(fault).toBe("track browser of segment 1 has a gap after 1 of its 2 pieces");
  expect(vault.objects.size).toBe(1);
});

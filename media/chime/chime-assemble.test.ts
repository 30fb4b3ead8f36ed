import { expect, it } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import type { FinishPlan } from "../../core/domain/recording/manifest.ts";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import type { Assemble } from "../recording/recording-service.ts";
import { assembleWithChime } from "./chime-assemble.ts";
import { chimeFiles } from "./chime-files.ts";

const never = () => Promise.reject(new Error("nothing of Amazon's is in the vault"));
const vault: RoomVault = { put: never, get: never, list: never, remove: never };
const span = { from: 0, to: 1_000 };
const plan: FinishPlan = {
  recording: "r1",
  segments: [
    { segment: 1, backend: "chime", ...span },
    { segment: 2, backend: "peer", ...span },
    { segment: 3, backend: "chime", ...span },
  ],
  facts: {
    ...{ recording: "r1", startedBy: "clinician", from: 0, to: 3_000, reason: "asked" },
    ...{ intervals: [], gaps: [], participants: [], consents: [] },
  },
};
const asked: number[][] = [];
const assemble: Assemble = async (_, { segments }) => {
  asked.push(segments.map(({ segment }) => segment));
  return { files: [], fault: null };
};
const bucket = "arn:aws:s3:::clinic/visits";

it("says where the segments are that Amazon has, and makes files of the others", async () => {
  const made = assembleWithChime(assemble, {
    chimeFiles: (segment) => chimeFiles(bucket, segment),
    concatenate: async ({ segment }) => {
      if (segment === 3) throw new Error("Forbidden");
      return "pipeline";
    },
  });
  expect(await made(vault, plan)).toEqual({
    files: [],
    fault:
      "segment 1 is in the bucket clinic under visits/r1/1/, and as one file under visits/r1/1-whole/; " +
      "segment 3 is in the bucket clinic under visits/r1/3/, and is not made one file",
  });
  expect(asked).toEqual([[2]]);
});

it("is asked again while Amazon still records, and says nothing where Amazon has nothing", async () => {
  const busy = () => Promise.reject(new DomainError("busy"));
  const parts = {
    chimeFiles: (segment: { recording: string; segment: number }) => chimeFiles(bucket, segment),
  };
  await expect(
    assembleWithChime(assemble, { ...parts, concatenate: busy })(vault, plan),
  ).rejects.toMatchObject({
    code: "busy",
  });
  const own = { ...plan, segments: plan.segments.filter(({ backend }) => backend === "peer") };
  expect((await assembleWithChime(assemble, { ...parts, concatenate: busy })(vault, own)).fault).toBeNull();
});

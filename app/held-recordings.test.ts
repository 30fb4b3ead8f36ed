import { expect, test } from "vitest";
import type { RecordingService } from "../media/recording/recording-service.ts";
import { keptWhileHeld } from "./held-recordings.ts";

test("a recording of a visit that is held stays until the hold is lifted, and others go", async () => {
  const removed: string[] = [];
  const service: RecordingService = {
    finish: () => Promise.reject(new Error("not asked for")),
    remove: async ({ ref }, recording) => void removed.push(`${ref.id}/${recording}`),
  };
  let held = new Set(["consultation/v1", "person/hana"]);
  const kept = keptWhileHeld(service, { standing: async () => held });
  const visit = (id: string) => ({ org: "o", ref: { kind: "consultation", id } }) as const;
  await expect(kept.remove(visit("v1"), "r")).rejects.toMatchObject({ code: "busy" });
  await kept.remove(visit("v2"), "r");
  held = new Set();
  await kept.remove(visit("v1"), "r");
  expect(removed).toEqual(["v2/r", "v1/r"]);

  const unknown = keptWhileHeld(service, { standing: () => Promise.reject(new Error("no database")) });
  await expect(unknown.remove(visit("v3"), "r")).rejects.toThrow("no database");
  expect(removed).toHaveLength(2);
});

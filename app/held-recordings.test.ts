import { expect, test } from "vitest";
import type { RecordingService } from "../media/recording/recording-service.ts";
import { keptWhileHeld } from "./held-recordings.ts";

test("a recording of a visit that is held stays until the hold is lifted, and others go", async () => {
  const removed: string[] = [];
  const noted: string[] = [];
  const note =
    (what: string) =>
    async ({ visit, recording }: { readonly visit: string; readonly recording: string }) =>
      void noted.push(`${what} ${visit}/${recording}`);
  const index = { finished: note("finished"), held: note("held"), removed: note("removed") };
  const service: RecordingService = {
    finish: async () => "files",
    remove: async ({ ref }, recording) => void removed.push(`${ref.id}/${recording}`),
  };
  let held = new Set(["consultation/v1", "person/hana"]);
  const kept = keptWhileHeld(service, { standing: async () => held }, index);
  const visit = (id: string) => ({ org: "o", ref: { kind: "consultation", id } }) as const;
  const facts = {
    ...{ recording: "r", startedBy: "ito", from: 0, to: 1, reason: "stopped" },
    ...{ intervals: [], gaps: [], participants: [], consents: [] },
  };
  expect(await kept.finish(visit("v1"), { recording: "r", segments: [], facts })).toBe("files");
  await expect(kept.remove(visit("v1"), "r")).rejects.toMatchObject({ code: "busy" });
  await kept.remove(visit("v2"), "r");
  held = new Set();
  await kept.remove(visit("v1"), "r");
  expect(removed).toEqual(["v2/r", "v1/r"]);
  expect(noted).toEqual(["finished v1/r", "held v1/r", "removed v2/r", "removed v1/r"]);

  const unknown = keptWhileHeld(service, { standing: () => Promise.reject(new Error("no database")) }, index);
  await expect(unknown.remove(visit("v3"), "r")).rejects.toThrow("no database");
  expect(removed).toHaveLength(2);
});

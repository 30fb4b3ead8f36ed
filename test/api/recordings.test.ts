import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { recordingNames } from "../../core/platform/objects/vault.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const ref = { kind: "consultation", id: "v1" } as const;
const recording = "0123456789abcdef";
const content = Buffer.from("what was said");
const file = {
  ...{ name: "all.webm", person: null, mime: "video/webm", bytes: content.length },
  sha256: createHash("sha256").update(content).digest("hex"),
  ...{ durationMs: 10, from: 1, to: 11 },
};
const path = `/v1/visits/v1/recordings/${recording}/files/all.webm`;

let api: ApiFixture;
let token: string;

beforeAll(async () => {
  api = await startApi();
  token = await api.token("clinician");
  const room = await api.paper.room(ref, "demo-clinic");
  const listing = { at: 1, owner: "clinician", subject: "patient", status: "ended" };
  await api.paper.journal.append([room.part([], { listing })]);
  const vault = await api.vault.recordingsOf({ org: "demo-clinic", ref });
  await vault.put(recordingNames.part(recording, "all.webm", 0), content);
});
beforeEach(() => {
  api.faults.audit = null;
  api.answers.length = 0;
});
afterAll(() => api.close());

const entries = () => api.audit.list({ org: "demo-clinic", limit: 100 });

test("whoever reads a recording is on record, with whose it is and what of it they read", async () => {
  api.answers.push(file);
  const all = await api.call("GET", path, { token });
  expect(all.text).toBe("what was said");
  api.answers.push(file);
  const part = await api.call("GET", path, { token, headers: { range: "bytes=5-7" } });
  expect([part.status, part.text]).toEqual([206, "was"]);
  const by = { actor: "clinician", action: "recordings.read", room: ref, subject: "patient" };
  const detail = { purpose: "treatment", recording, name: "all.webm" };
  expect(await entries()).toMatchObject([
    { ...by, detail: { ...detail, range: { first: 5, last: 7 } } },
    { ...by, detail },
  ]);
});

test("nothing is read where that cannot be put on record", async () => {
  api.faults.audit = new Error("disk full");
  api.answers.push(file);
  const refused = await api.call("GET", path, { token });
  expect([refused.status, refused.body.code]).toEqual([503, "unavailable"]);
  expect(refused.text).not.toContain("said");
});

test("what is not there, or not as it was, is refused in the usual form", async () => {
  api.answers.push({ ...file, name: "gone.webm" });
  const gone = await api.call("GET", path.replace("all", "gone"), { token });
  expect([gone.status, gone.body.code]).toEqual([503, "unavailable"]);
  api.answers.push(file);
  const beyond = await api.call("GET", path, { token, headers: { range: "bytes=99-" } });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${content.length}`]);
});

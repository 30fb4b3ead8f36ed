import { createHash, randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserTrack, recordingNames } from "../../core/platform/objects/vault.ts";
import { recordings } from "../../core/protocol/rest-recordings.ts";
import { writeParts } from "../../media/recording/part-writer.ts";
import { type Assemble, createRecordingService } from "../../media/recording/recording-service.ts";
import { type OtherClinic, openOtherClinic } from "../api/other-clinic.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";
import { openVisit } from "./opened-visit.ts";

const capabilities = { backends: ["peer"], audio: true, video: true };
const webm = Buffer.concat([Buffer.of(0x1a, 0x45, 0xdf, 0xa3), randomBytes(1_200_000)]);
const rest = randomBytes(300_000);

let clinic: Clinic;
let other: OtherClinic;
let visit: string;
let doctor: Member;
let patient: Member;
/** `/v1/visits/<visit>/recordings/<recording>` */
let address: string;
let recording: string;

/** Makes one file of what the browser has sent, as it is: how it is made to play is tried elsewhere. */
const assemble: Assemble = async (vault, { recording: id, segments }) => {
  const names = await vault.list(recordingNames.segment(id, 1));
  const chunks = names.filter((name) => !name.endsWith("/track"));
  if (chunks.length === 0) return { files: [], fault: "nothing" };
  async function* pieces() {
    for (const name of chunks) yield (await vault.get(name)) ?? Buffer.alloc(0);
  }
  const header = JSON.parse(String(await vault.get(recordingNames.header(id, 1, browserTrack))));
  const written = await writeParts(vault, id, "1-browser.webm", pieces());
  const [{ from, to } = { from: 0, to: 0 }] = segments;
  const file = { name: "1-browser.webm", person: null, mime: String(header.mime), ...written };
  return { files: [{ ...file, durationMs: to - from, from, to }], fault: null };
};

const ask = (member: Member, name: string, payload: object = {}) =>
  member.ask(name, { id: newId(), ...payload });

beforeAll(async () => {
  other = await openOtherClinic();
  const settings = { COMMANDS_PER_SECOND: "10000", MEDIA_ORDER: "peer", ...other.settings };
  clinic = await openClinic(settings, { recordings: (vault) => createRecordingService(vault, assemble) });
  ({ visit, doctor, patient } = await openVisit(clinic));
  for (const member of [doctor, patient]) {
    const id = newId();
    while ((await member.ask("media.join", { id, capabilities })).code === "busy");
    await ask(member, "consent.give", { what: "recording" });
  }
  await ask(doctor, "recording.start");
  recording = (await doctor.state(({ recording: now }) => now.status === "starting")).recording.id;
  address = `/v1/visits/${visit}/recordings/${recording}`;
});
afterAll(async () => {
  await clinic.close();
  await other.close();
});

async function put(who: string, index: number | string, bytes: Buffer, headers: Record<string, string> = {}) {
  const digest = createHash("sha256").update(bytes).digest("base64");
  const response = await fetch(`${clinic.url}${address}/segments/1/chunks/${index}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${await clinic.token(who)}`,
      "content-type": "application/octet-stream",
      "content-digest": `sha-256=:${digest}:`,
      ...headers,
    },
    body: new Uint8Array(bytes),
  });
  const text = await response.text();
  return response.status === 204 ? 204 : JSON.parse(text).code;
}

async function get(who: string, path: string, headers: Record<string, string> = {}, method = "GET") {
  const authorization = `Bearer ${await clinic.token(who)}`;
  const response = await fetch(clinic.url + path, { method, headers: { authorization, ...headers } });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

async function listed(who = "clinician") {
  const { body } = await clinic.rest("GET", `/v1/visits/${visit}/recordings`, await clinic.token(who));
  return recordings.parse(body).items;
}

describe("a recording that a browser makes", () => {
  it("begins when that browser says so, and goes on by leases", async () => {
    const told = { recording, segment: 1, status: "running" };
    expect(await doctor.message("recording.lease")).toEqual({ recording, segment: 1 });
    expect((await ask(patient, "recording.report", told)).code).toBe("forbidden");
    expect(await ask(doctor, "recording.report", told)).toHaveProperty("seq");
    const seen = await patient.state(({ recording: now }) => now.status === "running");
    expect(seen.recording).toMatchObject({ recorder: "clinician", segment: 1 });
    expect(patient.told.filter(({ name }) => name === "recording.lease")).toEqual([]);
  });

  it("takes pieces from that browser alone, whole, and once", async () => {
    expect(await put("patient", 0, webm)).toBe("forbidden");
    expect(await put("clinician2", 0, webm)).toMatch(/forbidden|room_not_found/);
    expect(await put("clinician", 0, webm, { "content-digest": "sha-256=:AAAA:" })).toBe("invalid_payload");
    expect(await put("clinician", 0, webm, { "content-type": "video/webm" })).toBe("unsupported_media_type");
    expect(await put("clinician", 0, Buffer.alloc(4 * 1024 * 1024 + 1))).toBe("payload_too_large");
    expect(await put("clinician", "x", webm)).toBe("invalid_payload");
    expect(await put("clinician", 0, Buffer.alloc(0))).toBe("invalid_payload");
    expect(await put("clinician", 0, webm)).toBe(204);
    expect(await put("clinician", 0, webm)).toBe(204);
    expect(await put("clinician", 0, rest)).toBe("command_conflict");
  });

  it("waits while the store of objects is away, and the visit goes on; what is wrong is said", async () => {
    const objects = join(clinic.dataDir, "objects");
    const ready = async () => (await clinic.rest("GET", "/readyz", null)).body;
    renameSync(objects, `${objects}-aside`);
    writeFileSync(objects, "");
    try {
      for (let tries = 0; tries < 2; tries += 1) expect(await put("clinician", 1, rest)).toBe("unavailable");
      expect(await doctor.say("we can still write")).toBeGreaterThan(0);
      expect(await ready()).toMatchObject({ status: "degraded" });
      expect((await ready()).dependencies).toContainEqual({
        ...{ name: "object_store_writes", state: "open", since: expect.any(Number) },
        ...{ lastError: expect.stringMatching(/^E[A-Z]+$/), lastErrorAt: expect.any(Number) },
        degraded: expect.stringContaining("recordings"),
      });
    } finally {
      rmSync(objects);
      renameSync(`${objects}-aside`, objects);
    }
    // Nobody has to tell it: it is tried again by itself.
    await expect.poll(async () => (await ready()).status, { timeout: 30_000 }).toBe("ready");
    expect(await put("clinician", 0, webm)).toBe(204);
  }, 60_000);

  it("is sealed once everything is here, and is what was sent", async () => {
    await ask(doctor, "recording.stop");
    await doctor.state(({ recording: now }) => now.status === "stopping");
    await ask(doctor, "recording.report", { recording, segment: 1, status: "stopped" });
    await doctor.state(({ recording: now }) => now.status === "none");
    expect((await listed())[0]?.status).toBe("finishing");
    expect(await put("clinician", 1, rest)).toBe(204);
    await ask(doctor, "recording.report", { recording, segment: 1, status: "uploaded" });
    await expect.poll(async () => (await listed())[0]?.status, { timeout: 30_000 }).toBe("kept");
    const [item] = await listed();
    const whole = Buffer.concat([webm, rest]);
    const sha256 = createHash("sha256").update(whole).digest("hex");
    expect(item).toMatchObject({ fault: null, files: [{ mime: "video/webm", bytes: whole.length, sha256 }] });
    expect(await put("clinician", 2, rest)).toBe("recording_not_found");

    const path = `${address}/files/${item?.files[0]?.name}`;
    const { response, bytes } = await get("clinician", path);
    expect(response.status).toBe(200);
    expect(bytes.equals(whole)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "video/webm",
      "content-length": String(whole.length),
      "cache-control": "no-store",
      "accept-ranges": "bytes",
      "content-disposition": `attachment; filename="recording-${recording}-1-browser.webm"`,
    });
    const head = await get("clinician", path, {}, "HEAD");
    expect([head.response.status, head.bytes.length]).toEqual([200, 0]);

    const ranges: [string, number, number, number][] = [
      ["bytes=0-0", 206, 0, 1],
      ["bytes=1048570-1048590", 206, 1_048_570, 1_048_591],
      ["bytes=1500000-", 206, 1_500_000, whole.length],
      ["bytes=-7", 206, whole.length - 7, whole.length],
      ["bytes=0-1,5-6", 200, 0, whole.length],
      ["bytes=9-8", 200, 0, whole.length],
      [`bytes=${whole.length}-`, 416, 0, 0],
    ];
    for (const [range, status, from, to] of ranges) {
      const part = await get("clinician", path, { range });
      expect(part.response.status, range).toBe(status);
      expect(part.bytes.equals(whole.subarray(from, to)), range).toBe(true);
      if (status === 206) {
        expect(part.response.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/${whole.length}`);
      }
    }
  });

  it("is read by those who treat and by administrators, of this organisation", async () => {
    const path = `${address}/files/1-browser.webm`;
    expect((await get("admin", path)).response.status).toBe(200);
    for (const who of ["patient", "patient2", "clinician2", "desk", "auditor"]) {
      expect([403, 404], who).toContain((await get(who, path)).response.status);
    }
    expect((await listed("patient"))[0]?.files).toEqual([]);
    expect((await get("clinician", `${address}/files/nothing.webm`)).response.status).toBe(404);
    expect((await get("clinician", `${address}/files/..%2F..%2Ffinished`)).response.status).toBe(400);
    const elsewhere = `/v1/visits/demo/recordings/${recording}/files/1-browser.webm`;
    expect((await get("clinician", elsewhere)).response.status).toBe(404);
    expect((await clinic.rest("GET", path, null)).status).toBe(401);
    const stranger = await other.token("admin", "clinician");
    for (const at of [path, `/v1/visits/${visit}/recordings`]) {
      expect((await clinic.rest("GET", at, stranger)).body.code).toBe("room_not_found");
    }
  });

  it("goes with the visit, also when nobody says that it is over", async () => {
    await ask(doctor, "recording.start");
    await doctor.state(({ recording: now }) => now.status === "starting");
    await ask(doctor, "visit.end", { outcome: "completed" });
    await doctor.state(({ recording: now }) => now.status === "none");
    await expect.poll(async () => (await listed()).length).toBe(2);
    expect(await listed()).toMatchObject([{ status: "kept" }, { reason: "visit_ended" }]);
  }, 30_000);
});

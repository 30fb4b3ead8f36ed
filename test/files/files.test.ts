import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Clinic, openClinic } from "../rooms/clinic.ts";
import { type Clamd, eicar, startClamd } from "../support/clamd.ts";
import { S3Server, s3Bucket, s3Credentials, s3Region } from "../support/s3-server.ts";
import { fileFlow, uploadOf } from "./flow.ts";

const s3 = new S3Server();
let clamd: Clamd;
let picture: Buffer;
const pdf = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF 検査");

beforeAll(async () => {
  clamd = await startClamd();
  const opened = sharp({ create: { width: 800, height: 400, channels: 3, background: "#3c3" } });
  picture = await opened
    .jpeg()
    .withExif({ IFD0: { Make: "SpyCam" } })
    .toBuffer();
  vi.stubEnv("AWS_ACCESS_KEY_ID", s3Credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", s3Credentials.secretAccessKey);
  await s3.listen();
  s3.pageSize = 1_000;
}, 120_000);
afterAll(async () => {
  s3.close();
  vi.unstubAllEnvs();
  await clamd.dispose();
});

const kinds: readonly (readonly [
  string,
  () => Readonly<Record<string, string>>,
  (dataDir: string) => string,
])[] = [
  ["a directory", () => ({}), (dataDir) => everythingBelow(join(dataDir, "objects"))],
  [
    "S3",
    () => ({
      ...{ S3_BUCKET: s3Bucket, S3_ENDPOINT: s3.url, S3_REGION: s3Region, S3_FORCE_PATH_STYLE: "1" },
      S3_UPLOAD_ENDPOINT: s3.url,
    }),
    () => [...s3.objects.values()].map(({ bytes }) => bytes.toString("latin1")).join(""),
  ],
];

function everythingBelow(path: string): string {
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return found.map((one) => readFileSync(join(one.parentPath, one.name), "latin1")).join("");
}

describe.each(kinds)("files in %s", (_, settings, storedIn) => {
  const stored = () => storedIn(clinic.dataDir);
  let clinic: Clinic;
  let flow: ReturnType<typeof fileFlow>;
  let room: string;
  beforeAll(async () => {
    clinic = await openClinic({
      ...settings(),
      CLAMD_ADDRESS: clamd.address,
    });
    flow = fileFlow(clinic);
    room = await clinic.chat({ patient: "member", patient2: "observer" });
  }, 120_000);
  afterAll(() => clinic.close());

  it("come in, are checked, and are had by members alone, drawn anew", async () => {
    const id = await flow.send("patient", room, picture, "image/jpeg", "../../evil\u202egpj.jpeg");
    const view = await flow.settled("patient", id);
    expect(view).toMatchObject({ state: "clean", name: "evilgpj.jpeg", type: "image/jpeg", message: null });
    expect(view.variants).toEqual(["download", "preview"]);
    expect((await flow.view("clinician", id)).body.code).toBe("file_not_found");
    const sent = await flow.attach("patient", room, [id]);
    expect(sent.status).toBe(200);
    expect((await flow.attach("patient", room, [id])).body.code).toBe("file_not_found");
    expect((await flow.view("clinician", id)).body).toMatchObject({ state: "clean", message: sent.body.seq });
    expect((await flow.view("patient3", id)).body.code).toBe("file_not_found");

    const messages = await clinic.rest(
      "GET",
      `/v1/rooms/chat/${room}/messages`,
      await clinic.token("clinician"),
    );
    expect(messages.body).toMatchObject({
      items: [{ body: "", attachments: [{ id, name: "evilgpj.jpeg", type: "image/jpeg" }] }],
    });

    const preview = await flow.get((await flow.link("patient2", id, "preview")).body.url);
    expect(preview.headers.get("content-disposition")).toMatch(/^inline/);
    expect(await sharp(await preview.arrayBuffer()).metadata()).toMatchObject({ format: "webp", width: 640 });
    const { url } = (await flow.link("clinician", id)).body;
    const download = await flow.get(url);
    const content = Buffer.from(await download.arrayBuffer());
    expect([content.includes("SpyCam"), (await sharp(content).metadata()).width]).toEqual([false, 800]);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-disposition": `attachment; filename="evilgpj.jpeg"; filename*=UTF-8''evilgpj.jpeg`,
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox"),
    });
    const part = await flow.get(url, { range: "bytes=10-19" });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(10, 20))).toBe(true);
    expect(stored()).not.toContain("SpyCam");
  });

  it("are kept so that nobody can read them in the store", async () => {
    const id = await flow.send("clinician", room, pdf, "application/pdf", "検査結果.pdf");
    await flow.settled("clinician", id);
    expect(stored()).not.toContain("Catalog");
    expect(stored()).not.toContain("%PDF");
    const download = await flow.get((await flow.link("clinician", id)).body.url);
    expect(Buffer.from(await download.arrayBuffer()).equals(pdf)).toBe(true);
    expect(download.headers.get("content-disposition")).toBe(
      `attachment; filename="____.pdf"; filename*=UTF-8''${encodeURIComponent("検査結果")}.pdf`,
    );
    if (s3.objects.size > 0)
      expect([...s3.objects.keys()].filter((key) => key.startsWith("incoming/"))).toEqual([]);
  });

  it("are taken as they were announced, once, and by whoever may write there", async () => {
    const { body } = await flow.announce("patient", room, pdf, "application/pdf", "a.pdf");
    expect(await flow.put(body.upload, Buffer.from("%PDF-another"))).toBeGreaterThanOrEqual(400);
    expect(await flow.put(body.upload, Buffer.concat([pdf, pdf]))).toBeGreaterThanOrEqual(400);
    const complete = async () =>
      clinic.rest("POST", `/v1/files/${String(body.id)}/complete`, await clinic.token("patient"));
    expect((await complete()).body.code).toBe("file_incomplete");
    expect((await flow.attach("patient", room, [String(body.id)])).body.code).toBe("file_incomplete");
    expect(await flow.put(body.upload, pdf)).toBeLessThan(300);
    expect((await complete()).status).toBe(200);
    if (uploadOf(body.upload).url.startsWith("/")) expect(await flow.put(body.upload, pdf)).toBe(410);
    expect((await flow.announce("patient2", room, pdf, "application/pdf", "a.pdf")).status).toBe(403);
    expect((await flow.announce("patient3", room, pdf, "application/pdf", "a.pdf")).body.code).toBe(
      "room_not_found",
    );
    expect((await flow.announce("patient", room, pdf, "text/html", "a.html")).body.code).toBe(
      "file_type_refused",
    );
    expect((await flow.announce("patient", room, pdf, "image/svg+xml", "a.svg")).body.code).toBe(
      "file_type_refused",
    );
    const { status } = await clinic.rest(
      "DELETE",
      `/v1/files/${String(body.id)}`,
      await clinic.token("patient"),
    );
    expect([status, (await flow.view("patient", String(body.id))).status]).toEqual([204, 404]);
  });

  it("are blocked where they are another thing than they say, or a virus", async () => {
    const disguised = await flow.send("patient", room, pdf, "image/png", "photo.png");
    expect(await flow.settled("patient", disguised)).toMatchObject({ state: "rejected", reason: "mismatch" });
    const virus = await flow.send("patient", room, Buffer.from(eicar), "text/plain", "note.txt");
    const blocked = await flow.settled("patient", virus);
    expect(blocked).toMatchObject({ state: "rejected", reason: "malware", variants: [] });
    expect((await flow.attach("patient", room, [virus])).body.code).toBe("file_rejected");
    expect((await flow.link("patient", virus)).body.code).toBe("file_rejected");
    expect(stored()).not.toContain("EICAR");
    const history = await clinic.rest("GET", `/v1/rooms/chat/${room}/history`, await clinic.token("auditor"));
    expect(JSON.stringify(history.body)).toContain('"attachments"');
    expect(JSON.stringify(history.body)).not.toContain("evilgpj");
    const audit = await clinic.rest("GET", "/v1/audit?limit=100", await clinic.token("auditor"));
    expect(JSON.stringify(audit.body)).toContain(virus);
  });

  it("wait while the scanner is away, and the conversation goes on", async () => {
    await clamd.kill();
    const id = await flow.send("patient", room, pdf, "application/pdf", "late.pdf");
    const sent = await flow.attach("patient", room, [id]);
    expect(sent.status).toBe(200);
    await vi.waitFor(async () => expect((await flow.view("patient", id)).body.state).toBe("quarantined"), {
      timeout: 10_000,
    });
    expect((await flow.link("clinician", id)).body.code).toBe("file_not_ready");
    await clamd.start();
    expect(await flow.settled("clinician", id)).toMatchObject({ state: "clean", message: sent.body.seq });
  });

  it("have versions: the one before is shown until the next was checked", async () => {
    const id = await flow.send("patient", room, Buffer.from("first"), "text/plain", "note.txt");
    await flow.settled("patient", id);
    const add = async (who: string, text: string) => {
      const content = Buffer.from(text);
      const { createHash } = await import("node:crypto");
      const sha256 = createHash("sha256").update(content).digest("hex");
      const announced = { name: "note.txt", type: "text/plain", bytes: content.length, sha256 };
      return clinic.rest("POST", `/v1/files/${id}/versions`, await clinic.token(who), announced);
    };
    const { body } = await add("patient", "second");
    expect(body.version).toBe(2);
    const text = async () => (await flow.get((await flow.link("patient", id)).body.url)).text();
    expect(await text()).toBe("first");
    await flow.put(body.upload, Buffer.from("second"));
    await clinic.rest("POST", `/v1/files/${id}/complete`, await clinic.token("patient"));
    await flow.settled("patient", id);
    expect(await text()).toBe("second");
    const listed = await clinic.rest("GET", `/v1/files/${id}/versions`, await clinic.token("patient"));
    expect(listed.body).toMatchObject({ items: [{ version: 2 }, { version: 1 }] });
  });

  it("go with their message, and out of reach of whoever leaves or signs out", async () => {
    const other = await clinic.chat({ patient: "member", patient3: "member" });
    const id = await flow.send("patient", other, pdf, "application/pdf", "a.pdf");
    await flow.settled("patient", id);
    const { body: sent } = await flow.attach("patient", other, [id], "chat", "see");
    const { url } = (await flow.link("patient3", id)).body;
    expect((await flow.get(url)).status).toBe(200);
    expect((await flow.get(String(url).replace(/.$/, "x"))).status).toBe(410);
    await clinic.rest("DELETE", `/v1/chats/${other}/members/patient3`, await clinic.token("clinician"));
    expect((await flow.get(url)).status).toBe(410);
    expect((await flow.view("patient3", id)).status).toBe(404);

    const signedIn = await clinic.rest("POST", "/v1/auth/token", null, {
      username: "patient",
      password: "demo-patient",
    });
    const second = String(signedIn.body.access_token);
    const link = await clinic.rest("POST", `/v1/files/${id}/links`, second, {});
    expect((await flow.get(link.body.url)).status).toBe(200);
    await clinic.rest("POST", "/v1/auth/logout", null, { refresh_token: signedIn.body.refresh_token });
    expect((await flow.get(link.body.url)).status).toBe(410);

    const mine = (await flow.link("patient", id)).body.url;
    const deletion = { name: "chat.delete", payload: { id: "deletes-the-message", of: sent.seq } };
    await clinic.rest("POST", `/v1/rooms/chat/${other}/commands`, await clinic.token("patient"), deletion);
    expect((await flow.get(mine)).status).toBe(410);
    expect((await flow.view("patient", id)).status).toBe(404);
    const { body } = await clinic.rest(
      "GET",
      `/v1/rooms/chat/${other}/messages`,
      await clinic.token("patient"),
    );
    expect(JSON.stringify(body)).not.toContain(id);
  });

  it("are sent in visits too, to those inside, while they talk", async () => {
    const { body: visit } = await clinic.rest("POST", "/v1/visits", await clinic.token("desk"), {
      ...{ patient: "patient", clinician: "clinician", reason: "Skin" },
    });
    const id = String(visit.id);
    const doctor = await clinic.join("clinician", id, "consultation");
    await clinic.join("patient", id, "consultation");
    const file = await flow.send("patient", id, picture, "image/jpeg", "腕.jpg", "consultation");
    const { body: sent } = await flow.attach("patient", id, [file], "consultation", "See my arm");
    const event = await doctor.event(({ type }) => type === "chat.message");
    expect(event).toMatchObject({
      seq: sent.seq,
      attachments: [{ id: file, name: "腕.jpg", type: "image/jpeg" }],
    });
    expect(await flow.settled("clinician", file)).toMatchObject({ state: "clean", message: sent.seq });
    expect((await flow.get((await flow.link("clinician", file)).body.url)).status).toBe(200);
    expect((await flow.view("clinician2", file)).body.code).toBe("file_not_found");
  });

  it("signed everything that was sent to the store rightly", () => {
    const wrong = s3.faults.filter((fault) => !/the signature is wrong|BadDigest/.test(fault));
    expect(wrong).toEqual([]);
  });
});

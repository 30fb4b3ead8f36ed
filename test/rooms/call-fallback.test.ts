import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { MediaBackend } from "../../media/backend.ts";
import { ChimeService, credentials, region } from "../media/chime-service.ts";
import { hasWorker } from "../media/mediasoup-node.ts";
import { samplesOf } from "../support/exposition.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";
import { openVisit } from "./opened-visit.ts";

const capabilities = { backends: ["chime", "mediasoup", "peer"], audio: true, video: true };
const metricsToken = "token-of-the-test-0123456789-0123456789";
/** Backends fail three times in a row and are then left alone, here for a moment. */
const patience = { answerMs: 5_000, failures: 3, restMs: 300 };

let clinic: Clinic;
let chime: ChimeService;
let sfuFails = false;

/** Stands for an SFU where there is none. */
const sfuStand: MediaBackend = {
  name: "mediasoup",
  open: async () => "worker-1",
  join: async () => ({ backend: "peer", iceServers: [], polite: false }),
  signal: async (_, __, data) => data,
  leave: async () => {},
  close: async () => {},
  health: async () => null,
};

/** The same backend, which fails in whatever it is asked while `fails`. */
function failing(backend: MediaBackend, fails: () => boolean): MediaBackend {
  const unless = <T>(work: () => Promise<T>): Promise<T> =>
    fails() ? Promise.reject(new Error("the worker has died")) : work();
  return {
    ...backend,
    open: (session) => unless(() => backend.open(session)),
    join: (session, who) => unless(() => backend.join(session, who)),
    signal: (session, person, data) => unless(() => backend.signal(session, person, data)),
    health: () => unless(() => backend.health()),
  };
}

function withFailures(backends: readonly MediaBackend[]): readonly MediaBackend[] {
  const of = (name: MediaBackend["name"]) => backends.filter((one) => one.name === name);
  const [sfu = sfuStand] = hasWorker ? of("mediasoup") : [];
  // What its health remembers would last longer than the test.
  const cloud = of("chime").map((one) => ({
    ...one,
    health: async () => (chime.trouble ? "Amazon is away" : null),
  }));
  return [...cloud, failing(sfu, () => sfuFails), ...of("peer")];
}

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  chime = new ChimeService();
  const { PATH = "", MEDIASOUP_WORKER_BIN: bin } = process.env;
  const settings = {
    CHIME_REGION: region,
    CHIME_MEDIA_REGION: region,
    CHIME_ENDPOINT: await chime.listen(),
    COMMANDS_PER_SECOND: "10000",
    METRICS_TOKEN: metricsToken,
    ROLES: "rooms,api,media",
    MEDIASOUP_WORKERS: "1",
    PATH,
    ...(bin ? { MEDIASOUP_WORKER_BIN: bin } : {}),
  };
  clinic = await openClinic(settings, { media: withFailures, patience });
});
afterAll(async () => {
  await clinic.close();
  chime.close();
  vi.unstubAllEnvs();
});
afterEach(async () => {
  sfuFails = false;
  chime.trouble = null;
  expect(chime.faults).toEqual([]);
  await clinic.rest("PUT", "/v1/media/order", await clinic.token("admin"), { order: null });
});

async function openVisitWithRecord() {
  const { visit, doctor, patient } = await openVisit(clinic);
  const record = async () =>
    (await clinic.rest("GET", `/v1/visits/${visit}`, await clinic.token("clinician"))).body;
  return { visit, doctor, patient, record };
}

/** Joins, and says which session it is: `2 peer`; or why not. */
async function joinCall(member: Member): Promise<string> {
  const id = newId();
  for (;;) {
    const { code, session } = await member.ask("media.join", { id, capabilities });
    if (code === undefined) return name(session);
    if (code !== "busy") return code;
  }
}

function name(session: unknown): string {
  const { n, backend } = Object(session);
  return `${n} ${backend}`;
}

const report = (member: Member, session: number, reason: string) =>
  member.ask("media.failed", { id: newId(), session, reason });
const switched = async (member: Member, n: number) => {
  const { session, reason } = await member.message(
    "media.switched",
    ({ session }) => Object(session).n === n,
  );
  return `${name(session)} ${reason}`;
};
const metrics = async () => {
  const response = await fetch(`${clinic.url}/metrics`, {
    headers: { authorization: `Bearer ${metricsToken}` },
  });
  const samples = samplesOf(await response.text());
  return (series: string) => samples.get(`hugmedo_${series}`);
};
const chimeFails = async () => (await metrics())('media_backend_failing{backend="chime"}');

describe(`a call whose backends fail one after the other (the SFU: ${hasWorker ? "mediasoup" : "a stand-in"})`, () => {
  it("goes from Amazon to the SFU to the browsers and back, and touches nothing of the visit", async () => {
    const { doctor, patient, record } = await openVisitWithRecord();
    const everybody = [doctor, patient];
    const joinAll = async () => [...new Set(await Promise.all(everybody.map(joinCall)))];
    expect(await joinAll()).toEqual(["1 chime"]);
    await doctor.ask("visit.start", { id: newId() });
    await patient.ask("consent.give", { id: newId(), what: "telehealth" });
    await patient.ask("visit.media", { id: newId(), media: "video" });
    await doctor.ask("visit.media", { id: newId(), media: "audio" });
    const said = [await patient.say("Can you see me?")];

    // Amazon knows the meeting no more: whoever comes back notices.
    chime.meetings.clear();
    expect(await joinCall(patient)).toBe("call_gone");
    await report(patient, 1, "session_gone");
    for (const one of everybody) expect(await switched(one, 2)).toBe("2 mediasoup session_gone");
    expect(await joinAll()).toEqual(["2 mediasoup"]);
    said.push(await doctor.say("Yes, again."));

    // The SFU answers nothing; both report it, and it is one failure.
    sfuFails = true;
    const refused = await doctor.ask("media.signal", { session: 2, data: { ask: "worker" } });
    expect(refused.code).toBe("media_unavailable");
    await Promise.all(everybody.map((one) => report(one, 2, "no_answer")));
    for (const one of everybody) expect(await switched(one, 3)).toBe("3 peer no_answer");
    expect(await joinAll()).toEqual(["3 peer"]);
    expect(await doctor.ask("media.signal", { session: 3, to: "patient", data: {} })).toEqual({});

    // Nothing else is left: after a pause it begins at the top, where Amazon refuses, and comes to the SFU.
    chime.trouble = "broken";
    sfuFails = false;
    await report(doctor, 3, "ice_failed");
    for (const one of everybody) expect(await switched(one, 5)).toMatch(/^5 mediasoup /);
    expect(await joinAll()).toEqual(["5 mediasoup"]);
    said.push(await patient.say("There you are."));

    const kept = await record();
    const ended = expect.any(Number);
    expect(kept).toMatchObject({
      phase: "in_progress",
      calls: [
        { n: 1, backend: "chime", to: ended },
        { n: 2, backend: "mediasoup", to: ended },
        { n: 3, backend: "peer", to: ended },
        { n: 5, backend: "mediasoup", to: null },
      ],
      callGaps: [
        { reason: "session_gone", to: ended },
        { reason: "no_answer", to: ended },
        { reason: "ice_failed", to: ended },
      ],
      media: [
        { person: "patient", media: "video" },
        { person: "clinician", media: "audio" },
      ],
      consents: [{ person: "patient", what: "telehealth", withdrawnAt: null }],
    });
    const spoken = [doctor, patient].map(({ events }) =>
      events.filter(({ type }) => type === "chat.message").map(({ seq }) => seq),
    );
    expect(spoken).toEqual([said, said]);
    for (const one of everybody) await one.room.leave();
  });

  it("is counted once, whoever reports it and however often", async () => {
    const before = await metrics();
    const { doctor, patient } = await openVisitWithRecord();
    expect(await joinCall(doctor)).toBe("1 chime");
    expect(await joinCall(patient)).toBe("1 chime");
    expect((await metrics())("call_people")).toBe(2);
    const reports = [doctor, patient, doctor].map((one) => report(one, 1, "ice_failed"));
    await Promise.all(reports);
    await switched(patient, 2);
    const after = await metrics();
    const grown = (series: string) => (after(series) ?? 0) - (before(series) ?? 0);
    expect([
      grown('call_failures_total{backend="chime",reason="connection"}'),
      grown('call_open_seconds_count{backend="chime"}'),
      grown('call_open_seconds_count{backend="mediasoup"}'),
      grown('call_join_seconds_count{backend="chime"}'),
      grown("call_gap_seconds_count"),
    ]).toEqual([1, 1, 1, 2, 1]);
    for (const one of [doctor, patient]) await one.room.leave();
    await expect.poll(async () => (await metrics())("call_people")).toBe(0);
  });
});

describe("a backend that fails again and again", () => {
  it("is not asked any more by calls that begin, until it works again, and then is the first once more", async () => {
    chime.trouble = "broken";
    for (let visits = 0; (await chimeFails()) !== 1; visits += 1) {
      expect(visits).toBeLessThan(6);
      const { doctor } = await openVisitWithRecord();
      expect(await joinCall(doctor)).toMatch(/mediasoup$/);
    }
    const asked = chime.asked.length;
    const meanwhile = await openVisitWithRecord();
    expect(await joinCall(meanwhile.doctor)).toBe("1 mediasoup");
    expect(chime.asked).toHaveLength(asked);

    chime.trouble = null;
    await expect.poll(chimeFails, { timeout: 5_000 }).toBe(0);
    const later = await openVisitWithRecord();
    expect(await joinCall(later.doctor)).toBe("1 chime");
    // A call that runs is left where it is.
    expect(await joinCall(meanwhile.patient)).toBe("1 mediasoup");
  });

  it("takes the browsers where all servers fail from the start, and says so once", async () => {
    chime.trouble = "broken";
    sfuFails = true;
    const { doctor, patient, record } = await openVisitWithRecord();
    expect(await joinCall(doctor)).toMatch(/peer$/);
    expect(await joinCall(patient)).toMatch(/peer$/);
    expect((await record()).callGaps).toMatchObject([
      { reason: "media_unavailable", to: expect.any(Number) },
    ]);
  });

  it("has its session ended later, when it could not be at once", async () => {
    await expect.poll(chimeFails, { timeout: 5_000 }).toBe(0);
    const { doctor } = await openVisitWithRecord();
    expect(await joinCall(doctor)).toBe("1 chime");
    const meeting = [...chime.meetings.keys()].at(-1) ?? "";
    const ending = () => chime.names().filter((one) => one === `DELETE /meetings/${meeting}`).length;
    chime.trouble = "broken";
    await doctor.ask("media.leave", { id: newId() });
    // The library itself tries three times.
    await expect.poll(ending, { timeout: 10_000 }).toBeGreaterThan(3);
    expect(chime.meetings.has(meeting)).toBe(true);
    chime.trouble = null;
    await expect.poll(() => chime.meetings.has(meeting), { timeout: 20_000 }).toBe(false);
  });
});

describe("an organisation with an order of its own", () => {
  it("begins where it says, and never uses what it leaves out", async () => {
    const admin = await clinic.token("admin");
    await clinic.rest("PUT", "/v1/media/order", admin, { order: ["peer", "mediasoup"] });
    const asked = chime.asked.length;
    const { doctor, patient } = await openVisitWithRecord();
    expect(await joinCall(doctor)).toBe("1 peer");
    await report(doctor, 1, "ice_failed");
    expect(await switched(doctor, 2)).toBe("2 mediasoup ice_failed");
    await report(doctor, 2, "no_answer");
    expect(await joinCall(patient)).toMatch(/busy|media_unavailable|peer/);
    expect(await switched(doctor, 3)).toBe("3 peer no_answer");
    expect(chime.asked).toHaveLength(asked);
  });
});

import { Writable } from "node:stream";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { JournalStore } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { chimeJoin, peerJoin } from "../../core/protocol/call.ts";
import type { MediaBackend } from "../../media/backend.ts";
import { ChimeService, credentials, region } from "../media/chime-service.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

/** What must be nowhere in the log: gathered as it comes up, each with what it is. */
const private_ = new Map<string, string>();
const keep = (what: string, value: string): string => {
  private_.set(value, what);
  return value;
};

const turnSecret = keep("TURN secret", "turn-secret-of-the-test-0123456789");
const metricsToken = keep("metrics token", "metrics-token-of-the-test-0123456789");
const ufrag = keep("ICE user name", "uFrg4711");
const icePassword = keep("ICE password", "iCePaSsWoRdOfTheTest4711x");
const address = keep("address of a candidate", "203.0.113.77");
const candidate = `candidate:1 1 udp 2122260223 ${address} 50123 typ host generation 0 ufrag ${ufrag}`;
const sdp = [
  ...["v=0", "o=- 46117317 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111"],
  ...[`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${icePassword}`, "a=fingerprint:sha-256 19:E2:1C", `a=${candidate}`],
].join("\r\n");
keep("fingerprint", "19:E2:1C");
const said = keep("message", "I have had this rash since Tuesday");
const guestName = keep("guest's name", "Mathilda Ruthenberg");
for (const name of ["Hana Sato", "佐藤", "Emma Lindqvist", "Takahashi", "高橋"]) keep("person's name", name);
for (const username of ["patient", "clinician", "desk"]) keep("password", `demo-${username}`);
keep("AWS secret", credentials.secretAccessKey);

const settings = {
  COMMANDS_PER_SECOND: "10000",
  METRICS_TOKEN: metricsToken,
  STUN_URLS: "stun:127.0.0.1:3478",
  TURN_URLS: "turn:127.0.0.1:3478?transport=udp",
  TURN_SECRET: turnSecret,
};
const capabilities = { backends: ["chime", "mediasoup", "peer"], audio: true, video: true };

/** A backend whose every error tells all that it was given. */
const talkative: MediaBackend = {
  name: "mediasoup",
  open: () => Promise.reject(Object.assign(new Error(`open: ${sdp}`), { detail: sdp })),
  join: () => Promise.reject(new Error(`join: ${icePassword}`)),
  signal: (_, person, data) => Promise.reject(new Error(`${person}: ${JSON.stringify(data)}`)),
  leave: () => Promise.reject(new Error(icePassword)),
  close: () => Promise.reject(new Error(`close: ${sdp}`)),
  health: async () => null,
};

let clinic: Clinic;
let chime: ChimeService;
let journalFails = 0;
const lines: string[] = [];

/** As a driver reports it: with the statement and the row that it was about. */
function brokenAtTimes(store: JournalStore): JournalStore {
  return {
    ...store,
    append: (parts) => {
      if (journalFails === 0) return store.append(parts);
      journalFails -= 1;
      const about = { detail: said, parameters: [sdp], query: `insert into journal values ('${said}')` };
      return Promise.reject(Object.assign(new Error("the connection broke"), { code: "08006", ...about }));
    },
  };
}

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  chime = new ChimeService();
  const destination = new Writable({
    write: (chunk, _, done) => {
      lines.push(...String(chunk).split("\n").filter(Boolean));
      done();
    },
  });
  const amazon = { CHIME_REGION: region, CHIME_MEDIA_REGION: region, CHIME_ENDPOINT: await chime.listen() };
  clinic = await openClinic(
    { ...settings, ...amazon, CHIME_TRANSCRIPTION: "ja-JP" },
    {
      log: createLogger({ level: "trace", destination }),
      journal: brokenAtTimes,
      media: (backends) => [
        ...backends.filter(({ name }) => name === "chime"),
        talkative,
        ...backends.filter(({ name }) => name === "peer"),
      ],
      patience: { answerMs: 5_000, failures: 2, restMs: 200 },
    },
  );
});
afterAll(async () => {
  await clinic.close();
  chime.close();
  vi.unstubAllEnvs();
});

const joinCall = async (member: Member): Promise<unknown> => {
  const id = newId();
  for (;;) {
    const reply = await member.ask("media.join", { id, capabilities });
    if (reply.code !== "busy") return reply.join ?? reply.code;
  }
};

async function overAmazon(doctor: Member, patient: Member): Promise<void> {
  chime.next("transcription", "denied");
  for (const member of [doctor, patient]) {
    const { attendee, key } = chimeJoin.parse(await joinCall(member));
    keep("Chime's join token", attendee.JoinToken);
    keep("key of a session", key);
    keep("Chime's name of somebody", attendee.ExternalUserId);
  }
}

/** Everything that can be said of a call, rightly and wrongly. */
async function signals(member: Member, other: string, session: number): Promise<void> {
  const say = (payload: object) => member.ask("media.signal", payload);
  await say({ session, to: other, data: { description: { type: "offer", sdp } } });
  await say({ session, to: other, data: { candidate: { candidate, sdpMid: "0", usernameFragment: ufrag } } });
  await say({ session, data: { sdp } });
  await say({ session: 99, to: other, data: { sdp } });
  await say({ session, to: sdp.slice(0, 60), data: { sdp } });
  await say({ session, to: other, data: { sdp, more: "x".repeat(70_000) } });
  await say({ session, sdp });
  await member.ask(sdp, { sdp });
  await member.ask("media.failed", { id: newId(), session, reason: sdp });
}

async function byRest(visit: string, token: string): Promise<void> {
  const commands = `/v1/rooms/consultation/${visit}/commands`;
  await clinic.rest("POST", commands, token, {
    name: "media.signal",
    payload: { session: 1, data: { sdp } },
  });
  await clinic.rest("POST", commands, token, { name: "media.join", payload: { id: newId(), capabilities } });
  await clinic.rest("POST", commands, token, `{"name": "media.signal", "payload": ${icePassword}`);
  await clinic.rest("POST", `/v1/rooms/consultation/${icePassword}/commands?token=${token}`, token, { sdp });
  await clinic.rest(
    "GET",
    `/v1/visits/${visit}?access_token=${token}&name=${encodeURIComponent(guestName)}`,
    token,
  );
  await clinic.rest("GET", `/v1/nothing/${icePassword}`, `${token}x`);
  await clinic.rest("PUT", "/v1/media/order", token, { order: [icePassword] });
  await clinic.rest("POST", "/v1/auth/token", null, {
    username: guestName,
    password: keep("password", "wrong-one-4711"),
  });
  await fetch(`${clinic.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
}

it("a whole call leaves nothing private in the log, whatever goes wrong in it", async () => {
  const tokens = new Map<string, string>();
  for (const who of ["desk", "clinician", "patient"]) {
    tokens.set(who, keep("access token", await clinic.token(who)));
  }
  const { body } = await clinic.rest("POST", "/v1/visits", tokens.get("desk") ?? "", {
    patient: "patient",
    clinician: "clinician",
  });
  const visit = String(body.id);
  const doctor = await clinic.join("clinician", visit, "consultation");
  const patient = await clinic.join("patient", visit, "consultation");
  for (const { room } of [doctor, patient]) keep("reconnection token", room.reconnectionToken);
  await patient.say(said);

  // A guest comes by invitation.
  const invited = await doctor.ask("visit.invite", { id: newId(), role: "family" });
  const code = keep("invitation", String(invited.code));
  const accepted = await clinic.rest("POST", `/v1/invitations/${code}/accept`, null, {
    name: guestName,
    keep: "json",
  });
  keep("guest's token", String(accepted.body.access_token));
  keep("guest's refresh token", String(accepted.body.refresh_token));

  await overAmazon(doctor, patient);
  await signals(doctor, "patient", 1);
  await byRest(visit, tokens.get("clinician") ?? "");

  // Amazon fails, the SFU fails with all that it knows, and it goes on between the browsers.
  chime.trouble = "denied";
  await doctor.ask("media.failed", { id: newId(), session: 1, reason: "no_answer" });
  const peer = ({ session }: Member["told"][number]["payload"]) => Object(session).backend === "peer";
  await patient.message("media.switched", peer);
  for (const member of [doctor, patient]) {
    const [, turn] = peerJoin.parse(await joinCall(member)).iceServers;
    keep("TURN user", turn?.username ?? "?");
    keep("TURN password", turn?.credential ?? "?");
  }
  const { call } = await doctor.state(({ call }) => call.state === "open");
  await signals(doctor, "patient", call.n);
  expect((await patient.message("media.signal", ({ session }) => session === call.n)).data).toEqual({
    description: { type: "offer", sdp },
  });

  // The database breaks in the middle, twice; and the people go.
  journalFails = 2;
  await doctor.say(said);
  await patient.ask("media.mute", { id: newId(), participant: "clinician" });
  await doctor.ask("media.leave", { id: newId() });
  for (const { room } of [doctor, patient]) await room.leave();
  await expect
    .poll(() => chime.names().filter((name) => name.startsWith("DELETE")).length)
    .toBeGreaterThan(0);

  // What is to be seen is there: otherwise this would prove nothing.
  const log = lines.join("\n");
  const wanted = [
    ...[
      "room awake here",
      "a dependency fails and is left alone",
      "a call over Amazon Chime has no captions",
    ],
    ...['"route":"/v1/rooms/:kind/:id/commands"', '"code":"invalid_payload"', '"route":null', '"status":401'],
  ];
  expect(wanted.filter((text) => !log.includes(text))).toEqual([]);
  expect(private_.size).toBeGreaterThan(25);
  expect(private_.get("?")).toBeUndefined();
  const found = [...private_].filter(
    ([value]) => log.includes(value) || log.includes(encodeURIComponent(value)),
  );
  expect(found.map(([, what]) => what)).toEqual([]);
  expect(lines.filter((line) => /a=ice-|candidate:\d|"sdp"|eyJ[A-Za-z0-9_-]{20}/.test(line))).toEqual([]);
});

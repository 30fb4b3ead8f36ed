import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Chat, HugMeDo, type Session, type Visit } from "../../client/sdk/index.ts";
import { type Server, startServer } from "../support/server.ts";
import { clinicOf, live, until } from "./clinic.ts";

let server: Server;
const { signIn, openVisit } = clinicOf(() => server);

beforeAll(async () => {
  server = await startServer();
}, 90_000);
afterAll(() => server.dispose());

const said = (chat: Chat, bodies: readonly string[]) =>
  until(
    chat,
    ({ status, messages, outbox }) =>
      status === "live" && outbox.length === 0 && messages.map(({ body }) => body).join() === bodies.join(),
  );

/** The patient and the clinician in a visit of their own. */
async function visitOfTwo() {
  const id = await openVisit();
  const [clinician, patient] = await Promise.all([signIn("clinician"), signIn("patient")]);
  const [hers, his] = [clinician.joinVisit(id), patient.joinVisit(id)];
  await Promise.all([live(hers), live(his), live(hers.chat), live(his.chat)]);
  return { id, clinician, patient, hers, his };
}

/** Somebody who comes by an invitation. */
async function comesAs(name: string, visit: Visit): Promise<{ session: Session; theirs: Visit }> {
  const { code } = await visit.invite("interpreter", { label: name });
  const { session, visit: id } = await HugMeDo.acceptInvitation({ url: server.url, code, name });
  onTestFinished(() => session.signOut().catch(() => undefined));
  expect(id).toBe(visit.id);
  return { session, theirs: session.joinVisit(id) };
}

test("the demo's visit goes from its first word to its summary", async () => {
  const [clinician, patient] = await Promise.all([signIn("clinician"), signIn("patient")]);
  expect(await patient.visits()).toMatchObject([
    { id: "demo", patient: { id: "patient" }, clinician: { id: "clinician" } },
  ]);
  const now = Date.now();
  const today = { from: now - 86_400_000, to: now + 86_400_000, clinician: "clinician" };
  expect(await clinician.visits(today)).toContainEqual(expect.objectContaining({ id: "demo" }));
  expect(await clinician.visits({ ...today, clinician: "clinician2" })).toEqual([]);

  const [hers, his] = [clinician.joinVisit("demo"), patient.joinVisit("demo")];
  expect(await live(his)).toMatchObject({ you: { role: "patient", admission: "admitted" }, me: "patient" });
  expect(await live(hers)).toMatchObject({ patient: "patient", clinician: "clinician", outcome: null });
  await until(hers, ({ participants }) => participants.every(({ online }) => online));
  await hers.start();
  await until(his, ({ phase, startedAt }) => phase === "in_progress" && startedAt !== null);
  await his.chat.send("よろしくお願いします");
  await said(hers.chat, ["よろしくお願いします"]);
  await his.consent("telehealth", true);
  const { consents } = await until(hers, (shown) => shown.consents.length === 1);
  expect(consents).toMatchObject([{ person: "patient", what: "telehealth", withdrawnAt: null }]);
  await his.media("audio");
  await until(hers, ({ participants }) => participants.some(({ media }) => media === "audio"));
  await hers.hold(true);
  await until(his, ({ held }) => held);
  await hers.lock(true);
  await until(his, ({ locked }) => locked);
  await hers.note("Rest and tea.", { shared: true });
  await hers.note("Worries about work.");
  await hers.end("completed");
  await until(his, ({ phase, outcome }) => phase === "ended" && outcome === "completed");
  await his.survey(5, "Kind.");
  expect((await his.summary()).notes.map(({ body }) => body)).toEqual(["Rest and tea."]);
  expect(await hers.summary()).toMatchObject({
    outcome: "completed",
    notes: [{ body: "Rest and tea." }, { body: "Worries about work." }],
    survey: { rating: 5, comment: "Kind." },
    hasMessages: true,
  });
  // What was written can be read afterwards, and no more is written.
  const later = (await signIn("patient")).joinVisit("demo");
  await said(later.chat, ["よろしくお願いします"]);
  await expect(later.chat.send("and another thing")).rejects.toMatchObject({ code: "visit_ended" });
}, 20_000);

describe("somebody who was invited", () => {
  test("is at the door until let in, and then sees everything on the same connection", async () => {
    const { hers } = await visitOfTwo();
    await hers.chat.send("before the interpreter");
    const { session, theirs } = await comesAs("Ms. Ono", hers);
    expect(session.me).toMatchObject({ name: "Ms. Ono", roles: ["guest"] });
    expect(await live(theirs)).toMatchObject({
      you: { role: "interpreter", admission: "expected" },
      clinicianName: expect.stringContaining("Lindqvist"),
      patient: null,
      participants: [],
      about: "",
    });
    const statuses: string[] = [];
    theirs.on("status", (status) => statuses.push(status));
    await theirs.knock();
    await until(theirs, ({ you }) => you?.admission === "knocking");
    const unsent = theirs.chat.send("may I come in?");
    expect(theirs.chat.snapshot.status).toBe("connecting");
    const { participants, invitations } = await until(hers, (shown) =>
      shown.participants.some(({ admission }) => admission === "knocking"),
    );
    expect(invitations).toMatchObject([{ role: "interpreter", label: "Ms. Ono", status: "accepted" }]);
    await hers.admit(participants.find(({ admission }) => admission === "knocking")?.person ?? "");
    await until(theirs, ({ you }) => you?.admission === "admitted");
    expect(await until(theirs, (shown) => shown.participants.length === 3)).toMatchObject({
      patient: "patient",
      about: "Cough",
    });
    await unsent;
    await said(theirs.chat, ["before the interpreter", "may I come in?"]);
    await hers.chat.send("welcome");
    await said(theirs.chat, ["before the interpreter", "may I come in?", "welcome"]);
    expect(statuses).toEqual([]);
    await hers.remove(session.me.id);
    expect(await until(theirs, ({ status }) => status === "closed")).toMatchObject({
      reason: { code: expect.any(String) },
    });
    expect(theirs.chat.snapshot.status).toBe("closed");
  });

  test("may use their code once, and not after it was revoked", async () => {
    const { hers } = await visitOfTwo();
    const { code } = await hers.invite("family");
    const accept = (name: string) => HugMeDo.acceptInvitation({ url: server.url, code, name });
    const { session } = await accept("Aunt");
    await expect(accept("Somebody else")).rejects.toMatchObject({ code: "invitation_used" });
    await session.signOut();
    const { code: other, invitation } = await hers.invite("family");
    await hers.revoke(invitation);
    await expect(
      HugMeDo.acceptInvitation({ url: server.url, code: other, name: "Uncle" }),
    ).rejects.toMatchObject({ code: "invitation_invalid" });
    await expect(
      HugMeDo.acceptInvitation({ url: server.url, code: "nothing", name: "Nobody" }),
    ).rejects.toMatchObject({ code: "invitation_invalid" });
  });
});

test("a visit that is not mine is not there", async () => {
  const { id } = await visitOfTwo();
  const theirs = (await signIn("patient2")).joinVisit(id);
  const { reason } = await until(theirs, ({ status }) => status === "closed");
  expect(reason).toMatchObject({ code: "room_not_found" });
  await expect(theirs.chat.send("hello?")).rejects.toMatchObject({ code: "room_not_found" });
});

test("a server that is killed loses nothing of what is said and asked in a visit", async () => {
  const { hers, his } = await visitOfTwo();
  await his.chat.send("before");
  const under = [his.chat.send("under way"), hers.start()];
  await server.kill();
  await until(his, ({ status }) => status !== "live");
  under.push(his.chat.send("meanwhile"), hers.consent("telehealth", true));
  await server.start();
  await Promise.all(under);
  await hers.chat.send("after");
  const all = ["before", "under way", "meanwhile", "after"];
  await Promise.all([said(his.chat, all), said(hers.chat, all)]);
  expect(
    await until(his, ({ status, consents }) => status === "live" && consents.length === 1),
  ).toMatchObject({
    phase: "in_progress",
  });
}, 60_000);

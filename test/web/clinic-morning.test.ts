import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Waiting } from "../../client/sdk/index.ts";
import { en } from "../../client/web/src/lib/i18n/en.ts";
import { ja } from "../../client/web/src/lib/i18n/ja.ts";
import type { RoomHistory } from "../../core/protocol/rest.ts";
import { until } from "../sdk/clinic.ts";
import { eventually, expectCount, expectText, visible } from "./expect.ts";
import { desktop, type Morning, names, openMorning, phone } from "./morning-clinic.ts";
import { type Desk, deskOf } from "./morning-console.ts";
import { checkIn, type Patient, patientOf, waits } from "./morning-patient.ts";
import { endVisit, inviteInterpreter, press, toChat, write, writeNote } from "./morning-visit.ts";

/** Written by staff for staff. */
const why = "Chest pain since this morning";

let morning: Morning;
/** The clinicians: one reads English, the other Japanese. */
let emma: Desk;
let tanaka: Desk;
/** Patients with a page, */
let daniel: Patient;
let hana: Patient;
let lucas: Patient;
/** and without. */
let kenta: Waiting;
let amara: Waiting;
let aoi: Waiting;
/** The interpreter. */
let ruth: Page;

beforeAll(async () => {
  morning = await openMorning();
}, 120_000);
afterAll(() => morning?.close());

/** Everyone's place as their pages say it, first to last. */
const places = () =>
  Promise.all([daniel, hana, lucas].map(async ({ place }) => (await place.textContent())?.trim()));

describe("a morning in a small clinic", { timeout: 60_000 }, () => {
  it("patients who came early wait at the door, and come in when a clinician opens it", async () => {
    const desk = (await morning.session("desk")).runQueue("demo");
    await until(desk, ({ status }) => status === "live");
    await desk.close();
    const dark = { ...phone, locale: "ja-JP", dark: true };
    const pages = await Promise.all([
      morning.sits("clinician", "/console/demo", desktop),
      morning.sits("clinician2", "/console/demo", { ...desktop, locale: "ja-JP" }),
      morning.sits("patient2", "/queues/demo", phone),
      morning.sits("patient", "/queues/demo", dark),
    ]);
    [emma, tanaka] = [deskOf(pages[0], en), deskOf(pages[1], ja)];
    [daniel, hana] = [patientOf(pages[2], en, names.patient2), patientOf(pages[3], ja, names.patient)];
    await visible(daniel.text(en.waiting.closedTitle));
    await visible(hana.text(ja.waiting.closedTitle));

    await emma.press(emma.t.duty.goOn);
    await emma.press(new RegExp(`^${emma.t.opening.menu}`));
    await emma.press(emma.t.opening.openNow);
    await tanaka.press(tanaka.t.duty.goOn);
    await visible(tanaka.step.getByText(tanaka.t.step.empty));

    await daniel.takePlace("The tablets make me dizzy", ["hearing"]);
    await expectText(daniel.place, "1");
    await morning.goesOn(4);
    await hana.page.getByRole("radio", { name: ja.waiting.join.noAppointment }).check();
    await hana.takePlace("腕に赤い発疹が出て、かゆいです");
    await expectText(hana.place, "2");
  });

  it("they check in, others join, and all see their place and about how long it takes", async () => {
    await visible(emma.row(names.patient2).getByText(emma.t.status.incomplete));
    await daniel.checkIn("12 Harbour Street, Yokohama", "Grace Okafor, 090-0000-0001");
    await visible(daniel.text(en.waiting.checkIn.done));
    await hana.checkIn("東京都港区芝公園4-2", "佐藤 一郎 090-0000-0002");
    await visible(hana.text(ja.waiting.checkIn.done));
    await expectCount(emma.row(names.patient2).getByText(emma.t.status.incomplete), 0);

    const kentas = { reason: "花粉症の薬をもらいたい", language: "ja", needs: ["wheelchair"] };
    kenta = await waits(morning, "patient3", kentas);
    await checkIn(kenta);
    await morning.goesOn(3);
    amara = await waits(morning, "amara", { reason: "My chest feels tight", language: "en" });
    await checkIn(amara);
    lucas = patientOf(await morning.sits("lucas", "/queues/demo", phone), en, names.lucas);
    await lucas.takePlace("A letter for my employer");
    await lucas.checkIn("Room 5, Sakura House", "Ana Ferreira, 090-0000-0005");
    await visible(lucas.text(en.waiting.checkIn.done));
    await morning.goesOn(2);

    const order = ["patient2", "patient", "patient3", "amara", "lucas"] as const;
    await eventually(emma.order).toEqual(order.map((one) => names[one]));
    await eventually(tanaka.order).toEqual(order.map((one) => names[one]));
    await eventually(places).toEqual(["1", "2", "5"]);
    // Both clinicians are free: two are seen at once, and each visit is expected to take ten minutes.
    await expectText(daniel.wait, "Only a few minutes");
    await expectText(hana.wait, "あと数分");
    await expectText(lucas.wait, "About 20 minutes");
    await visible(daniel.text("You are next."));
    await visible(hana.text("前に1人お待ちです。"));
  });

  it("an urgent patient goes first: the others are told why, and nobody what was written", async () => {
    await emma.prioritise(names.amara, "urgent", why);
    await visible(emma.told(emma.t.done.priority(names.amara, "Urgent")));
    await eventually(places).toEqual(["2", "3", "5"]);
    await visible(daniel.text(/^Someone whose need is more urgent goes first\./));
    await visible(hana.text(/^より急ぐ必要のある方が先になりました。/));
    await expectCount(lucas.text(/more urgent/), 0);
    expect((await until(amara, ({ place }) => place?.place === 1)).place?.setBack).toBeUndefined();
    const { place } = await until(kenta, (now) => now.place?.place === 4);
    expect(place?.setBack).toEqual({ why: "priority", at: expect.any(Number) });

    for (const { page } of [daniel, hana, lucas]) expect(await page.content()).not.toContain("Chest");
    for (const { snapshot } of [amara, kenta]) expect(JSON.stringify(snapshot)).not.toContain("Chest");
    await morning.picture(daniel.page, "waiting-phone");
    await morning.picture(hana.page, "waiting-japanese-phone-dark");
    await morning.picture(emma.page, "console-urgent-desktop");
  });

  it("the second clinician sees her first, and the estimates follow", async () => {
    await tanaka.callNext();
    const { called } = await until(amara, (now) => now.called !== null);
    expect(called?.by).toBe(names.clinician2);
    await amara.confirm();
    const opened = until(amara, (now) => now.admitted !== null);
    await tanaka.admit(names.amara);
    const visit = (await opened).admitted?.visit ?? "";
    (await morning.session("amara")).joinVisit(visit);
    await tanaka.page.waitForURL(`**/visits/${visit}`);
    await tanaka.page.getByRole("button", { name: ja.visit.tools.start }).click();
    await visible(tanaka.page.getByText(ja.visit.stage.inProgress));
    await tanaka.page.goto(`${morning.server.url}/console/demo`);
    await visible(tanaka.step.getByText(tanaka.t.step.inVisit(names.amara)));
    await eventually(places).toEqual(["1", "2", "4"]);
    await expectText(hana.wait, "およそ10分");
  });

  it("both press Call on the same patient: one has him, the other is told who and when", async () => {
    await tanaka.choose(names.patient3, tanaka.t.action.hold);
    await visible(emma.row(names.patient3).getByText(emma.t.status.held));

    // Neither press is seen by anyone before both are made.
    morning.server.pause();
    for (const desk of [emma, tanaka]) await desk.call(names.lucas);
    morning.server.resume();
    const call = lucas.page.getByRole("region", { name: en.waiting.call.tab });
    await visible(call);
    const won = ({ step, t }: Desk) => step.getByText(t.step.called(names.lucas)).count();
    await eventually(async () => (await Promise.all([emma, tanaka].map(won))).toSorted()).toEqual([0, 1]);
    const told = [
      emma.page
        .getByRole("alert")
        .getByText(/^田中 美咲 医師 .*(called this patient|was faster,) at 9:\d\d AM\.$/),
      tanaka.page
        .getByRole("alert")
        .getByText(/^9:\d\dにDr\. Emma Lindqvistが(呼び出しています|先に対応しました)。$/),
    ];
    const [emmaWon, tanakaWon] = await Promise.all([won(emma), won(tanaka)]);
    await eventually(() => Promise.all(told.map((one) => one.count()))).toEqual([tanakaWon, emmaWon]);
    const winner = emmaWon ? names.clinician : names.clinician2;
    await visible(call.getByText(en.waiting.call.title(winner)));
  });

  it("the server is killed, and everyone is back by themselves at their place, the call unanswered", async () => {
    const before = await places();
    const order = await emma.order();
    const everyone: readonly (readonly [Page, typeof en])[] = [
      [emma.page, en],
      [tanaka.page, ja],
      [daniel.page, en],
      [hana.page, ja],
      [lucas.page, en],
    ];
    const banners = (words: "offline" | "recovering") =>
      everyone.map(([page, t]) => page.getByRole("status").getByText(t.connection[words]));
    await morning.outage(12, () => Promise.all(banners("offline").map(visible)));
    for (const banner of [...banners("offline"), ...banners("recovering")]) await expectCount(banner, 0);
    await eventually(places).toEqual(before);
    await eventually(emma.order).toEqual(order);
    await eventually(tanaka.order).toEqual(order);

    await visible(lucas.text(/^We called you at 9:\d\d AM, and got no answer\. You keep your place/));
    await visible(emma.row(names.lucas).getByTitle(emma.t.mark.missed(1)).filter({ visible: true }));
    await visible(emma.row(names.patient3).getByText(emma.t.status.held));
  });

  it("the first is called, says that he is there, and both are in the visit", async () => {
    aoi = await waits(morning, "aoi", { reason: "検査の結果を聞きたい", language: "ja" });
    await visible(emma.row(names.aoi).getByText(emma.t.status.incomplete));
    await emma.callNext();
    const call = daniel.page.getByRole("region", { name: en.waiting.call.tab });
    await visible(call.getByText(`${names.clinician} is ready for you`));
    await eventually(() => daniel.page.title()).toBe(en.waiting.call.tab);
    await visible(emma.step.getByText(emma.t.step.called(names.patient2)));
    await morning.picture(daniel.page, "called-phone");
    await morning.picture(emma.page, "console-desktop");
    await morning.picture(emma.page, "console-phone", phone);
    await call.getByRole("button", { name: "I am here" }).click();
    await visible(daniel.page.getByText(en.waiting.confirmed.title).last());
    await emma.admit(names.patient2);
    await Promise.all([emma, daniel].map(({ page }) => page.waitForURL("**/visits/*")));
    await visible(daniel.text(en.visit.stage.waiting));
    await press(emma.page, en.visit.tools.start);
    await visible(daniel.text(en.visit.stage.inProgress));
    await press(daniel.page, `${en.visit.consent.give}: ${en.visit.consent.kinds.telehealth.title}`);
    await visible(daniel.text(en.visit.consent.held));
    await emma.page.getByText(en.visit.consent.who).click();
    await visible(emma.page.getByText(/^Daniel Okafor agreed to “Being seen from afar”/));
  });

  it("an interpreter is invited, knocks, is let in, and writes with them", async () => {
    const link = await inviteInterpreter(emma.page, en, "Sign language");
    ruth = await morning.stranger(link, phone);
    await ruth.getByRole("textbox", { name: en.invitation.join.name }).fill("Ruth Hale");
    await press(ruth, en.invitation.join.submit);
    await visible(ruth.getByText(en.visit.door.expected));
    expect(await ruth.getByRole("main").textContent()).not.toContain("Okafor");
    await morning.picture(ruth, "guest-door-phone");
    await press(ruth, en.visit.door.knock);
    await visible(ruth.getByText(en.visit.door.knocking));
    await visible(emma.page.getByText("Ruth Hale (Interpreter) asks to come in"));
    await write(emma.page, en, "Your interpreter is at the door, Mr Okafor. One moment.");
    await morning.picture(emma.page, "visit-desktop");
    await press(emma.page, en.visit.door.admit);

    await toChat(ruth, en);
    await visible(ruth.getByText("Your interpreter is at the door, Mr Okafor. One moment."));
    await write(ruth, en, "Hello. I sign for Mr Okafor today.");
    await visible(emma.page.getByRole("log").getByText("Hello. I sign for Mr Okafor today."));
    await toChat(daniel.page, en);
    await write(daniel.page, en, "Thank you, Ruth. The dizziness starts an hour after the tablets.");
    await visible(ruth.getByText(/^The dizziness starts|^Thank you, Ruth/));
    await press(daniel.page, en.visit.tabs.visit);
  });

  it("meanwhile one is resumed, one goes on to another queue with her waiting time, one did not come", async () => {
    await tanaka.step.getByRole("link", { name: tanaka.t.step.openVisit }).click();
    await endVisit(tanaka.page, ja, "referred");
    await tanaka.page.goto(`${morning.server.url}/console/demo`);
    await visible(tanaka.page.getByRole("button", { name: tanaka.t.duty.status.available }));

    await checkIn(aoi);
    await tanaka.resume(names.patient3);
    await expectCount(tanaka.row(names.patient3).getByText(tanaka.t.status.held), 0);
    await morning.picture(tanaka.page, "console-japanese-desktop");

    await tanaka.transfer(names.patient, "皮膚科");
    await hana.page.waitForURL("**/queues/demo-skin");
    await visible(hana.page.getByRole("heading", { name: /皮膚科/ }));
    await expectText(hana.place, "1");
    await visible(hana.text(/^「Demo Clinic 総合受付 \(General\)」からこちらへ移りました。/));
    const skin = (await morning.session("desk")).runQueue("demo-skin");
    const [there] = (await until(skin, ({ entries }) => entries.length === 1)).entries;
    expect(there?.name).toBe(names.patient);
    expect((there?.joinedAt ?? 0) - (there?.waitingSince ?? 0)).toBeGreaterThan(12 * 60_000);

    await tanaka.noShow(names.lucas);
    await visible(lucas.text("We called you, but could not reach you"));
    await visible(lucas.text("You are still welcome: take a new place."));
    await until(kenta, ({ place }) => place?.place === 1);
    await until(aoi, ({ place }) => place?.place === 2);
  });

  it("the visit ends; the patient says how it was, and reads what is left of it", async () => {
    await morning.goesOn(14);
    await writeNote(emma.page, en, "Take the tablets with breakfast.");
    await endVisit(emma.page, en, "completed");

    await daniel.page.getByRole("radio", { name: "Very good" }).check();
    await morning.picture(daniel.page, "survey-phone");
    await press(daniel.page, en.visit.survey.submit);
    await visible(daniel.text(en.visit.survey.thanks));
    await visible(daniel.text("Take the tablets with breakfast."));
    await visible(daniel.text(/Ruth Hale \(Interpreter\)/));
    await visible(daniel.text("The tablets make me dizzy"));
    await morning.picture(daniel.page, "summary-phone", { ...phone, height: 1_420 });
    await visible(ruth.getByText(en.visit.chatOver));
  });

  it("the day's figures and the replay fit what happened", async () => {
    await tanaka.callNext();
    await until(kenta, (now) => now.called !== null);
    await kenta.confirm();
    await tanaka.admit(names.patient3);
    await tanaka.page.goto(`${morning.server.url}/console/demo`);
    await expectText(tanaka.figure(tanaka.t.overview.seen), "3");
    await expectText(tanaka.figure(tanaka.t.overview.waitingNow), "1");
    await expectText(tanaka.figure(tanaka.t.overview.abandoned), "25 %");

    const path = "/v1/rooms/waiting/demo/history";
    const { items } = await morning.rest<RoomHistory>("auditor", `${path}?limit=200`);
    const counts = (type: string, how?: string) =>
      items.filter((one) => one.type === type && (how === undefined || one.payload.how === how)).length;
    expect(counts("queue.joined")).toBe(6);
    expect(counts("queue.left", "admitted")).toBe(3);
    expect(counts("queue.left", "transferred")).toBe(1);
    expect(counts("queue.left", "noShow")).toBe(1);
    expect(counts("queue.unanswered")).toBe(1);
    const seq = items.find(({ type }) => type === "queue.prioritised")?.seq ?? 0;
    const then = await morning.rest<RoomHistory>("auditor", `${path}?seq=${seq}&after=${seq - 1}`);
    expect(then).toMatchObject({
      items: [{ type: "queue.prioritised", byName: names.clinician, payload: { reason: why } }],
      state: {
        entries: ["amara", "patient2", "patient", "patient3", "lucas"].map((patient) => ({ patient })),
      },
    });
  });
});

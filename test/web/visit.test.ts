import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, openClinic, visitorOf } from "./clinic.ts";
import { expectCount, expectText, visible } from "./expect.ts";
import { nameless, tabTo, tooSmall, tooWide } from "./look.ts";
import { openStaff, personAt, type Staff } from "./waiting-rooms.ts";

let clinic: Clinic;
let staff: Staff;

beforeAll(async () => {
  clinic = await openClinic();
  staff = await openStaff(clinic, []);
}, 120_000);
afterAll(async () => {
  await staff?.close();
  await clinic?.close();
});

const phone = { width: 390, height: 844 };
const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", typeof name === "string" ? { name, exact: true } : { name });
const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });
const newVisit = (fields: object = {}) =>
  staff.newVisit({ patient: "patient", clinician: "clinician", reason: "Cough", ...fields });
const at = (person: string, visit: string, view = {}) => personAt(clinic, person, `/visits/${visit}`, view);

/** Makes an invitation and takes its link from the page. */
async function invite(page: Page, role: string, label: string): Promise<string> {
  await button(page, "Invite someone").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: new RegExp(`^${role}`) }).check();
  await dialog.getByLabel("Name or note").fill(label);
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByLabel("Invitation link").inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "hidden" });
  return new URL(link).pathname;
}

interface Guest {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Opens an invitation's link in a browser of its own, and gives a name. */
async function follow(link: string, name: string, view = {}): Promise<Guest> {
  const guest = await clinic.stranger(link, view);
  await guest.page.getByLabel("Your name").fill(name);
  await button(guest.page, "Come to the door").click();
  return guest;
}

async function close(...people: readonly { readonly context: BrowserContext }[]): Promise<void> {
  await Promise.all(people.map(({ context }) => context.close()));
}

describe("a visit", () => {
  it("goes from waiting to its summary, and both sides see every step without a reload", async () => {
    const visit = await newVisit();
    const patient = await at("patient", visit, phone);
    await visible(heading(patient.page, "You are in the right place"));
    const doctor = await at("clinician", visit);
    await visible(heading(doctor.page, "The patient is waiting"));
    await button(doctor.page, "Begin the visit").click();
    await visible(heading(patient.page, "The visit is in progress"));
    await button(doctor.page, "Put on hold").click();
    await visible(heading(patient.page, "One moment, please"));
    await button(doctor.page, "Go on").click();
    await visible(heading(patient.page, "The visit is in progress"));

    // As the call says it; test/web/call.test.ts has calls.
    const media = { name: "visit.media", payload: { id: crypto.randomUUID(), media: "audio" } };
    await clinic.call("patient", `/v1/rooms/consultation/${visit}/commands`, media);
    await visible(doctor.page.getByText("Patient · Here, with audio only"));
    await button(patient.page, "I agree: Recording").click();
    await visible(button(patient.page, "Withdraw: Recording"));
    await doctor.page.getByText("Who agreed to what").click();
    await visible(doctor.page.getByText(/Hana Sato\) agreed to “Recording”/));
    await button(patient.page, "Withdraw: Recording").click();
    await visible(doctor.page.getByText(/Hana Sato\) withdrew “Recording”/));

    await doctor.page.getByLabel("Write a note").fill("Only for us: ask again in a week.");
    await button(doctor.page, "Keep the note").click();
    await visible(doctor.page.getByText(/For the clinic only/));
    await doctor.page.getByLabel("Write a note").fill("Drink more water.");
    await doctor.page.getByLabel("The patient may read this note").check();
    await button(doctor.page, "Keep the note").click();
    await visible(doctor.page.getByText(/Shared with the patient/));

    await button(doctor.page, "End the visit").click();
    const end = doctor.page.getByRole("dialog", { name: "End the visit?" });
    await end.getByLabel("Referred to someone else").check();
    await end.getByRole("button", { name: "End the visit" }).click();
    await visible(heading(patient.page, "The visit has ended"));
    await visible(patient.page.getByText("Drink more water."));
    expect(await patient.page.getByText("Only for us").count()).toBe(0);
    await visible(patient.page.getByRole("definition").filter({ hasText: "Referred to someone else" }));
    await visible(patient.page.getByText(/Hana Sato\) with audio only/));

    await button(patient.page, "Send").click();
    await visible(patient.page.getByRole("alert").getByText("Choose one of the five answers."));
    await patient.page.getByLabel("Very good").check();
    await patient.page.getByLabel("Would you like to tell us more?").fill("Thank you!");
    await button(patient.page, "Send").click();
    await visible(patient.page.getByText("Thank you for your answer."));
    await patient.page.reload();
    await visible(patient.page.getByText("Thank you for your answer."));
    await expectCount(patient.page.getByLabel("Very good"), 0);
    await doctor.page.reload();
    await visible(doctor.page.getByText(/Very good \(5\/5\)\s*Thank you!/));
    await close(patient, doctor);
  });

  it("has a chat of its own, which stays to be read", async () => {
    const visit = await newVisit();
    const patient = await at("patient", visit, phone);
    const doctor = await at("clinician", visit);
    const desktop = visitorOf(doctor.context, doctor.page);
    await desktop.say("Good morning.");
    await visible(button(patient.page, /^Chat.*1 new message/));
    await button(patient.page, /^Chat/).click();
    const mobile = visitorOf(patient.context, patient.page);
    await visible(mobile.message("Good morning."));
    await expectText(desktop.delivery("Good morning."), "Seen");
    await mobile.say("Good morning, doctor.");
    await visible(desktop.message("Good morning, doctor."));

    await button(doctor.page, "End the visit").click();
    await doctor.page.getByRole("dialog").getByRole("button", { name: "End the visit" }).click();
    await visible(patient.page.getByText("This visit has ended. The chat stays here to read."));
    await expectCount(patient.page.locator("textarea"), 0);
    await visible(mobile.message("Good morning."));
    await close(patient, doctor);
  });

  it("is handed over to a colleague, who goes on with it", async () => {
    const visit = await newVisit();
    const patient = await at("patient", visit);
    const doctor = await at("clinician", visit);
    await button(doctor.page, "Hand over").click();
    const dialog = doctor.page.getByRole("dialog", { name: "Hand the visit over" });
    await dialog.getByRole("radio", { name: /Misaki Tanaka/ }).check();
    await dialog.getByRole("button", { name: /^Hand over to .*Tanaka/ }).click();
    await dialog.waitFor({ state: "hidden" });
    await visible(patient.page.getByRole("heading", { name: /^Visit with .*Tanaka/ }));
    const colleague = await at("clinician2", visit);
    await button(colleague.page, "Begin the visit").click();
    await visible(heading(patient.page, "The visit is in progress"));
    await close(patient, doctor, colleague);
  });

  it("is said to be over, or not theirs, to those who may not enter", async () => {
    const visit = await newVisit();
    const other = await at("patient2", visit);
    await visible(other.page.getByText("You cannot enter this visit"));
    await other.page.getByRole("link", { name: "Back to the visits" }).last().click();
    await visible(heading(other.page, "Visits"));
    await close(other);
  });
});

describe("a guest", () => {
  it("comes by a link, knocks, is let in, writes, and is asked to leave", async () => {
    const visit = await newVisit();
    const doctor = await at("clinician", visit);
    const link = await invite(doctor.page, "Interpreter", "Mr. Mori");
    await visible(doctor.page.getByText(/^Interpreter · Not used yet · Good until/));
    const guest = await follow(link, "Kenji  Mori", phone);
    await visible(heading(guest.page, "You are at the door"));
    expect(await guest.page.getByRole("navigation").count()).toBe(0);
    await button(guest.page, "Knock").click();
    await visible(guest.page.getByText("You have knocked. The clinician sees that you are here."));
    await visible(doctor.page.getByText("Kenji Mori (Interpreter) asks to come in"));
    await guest.page.reload();
    await visible(guest.page.getByText("You have knocked. The clinician sees that you are here."));
    await button(doctor.page, "Let in").click();
    await visible(heading(guest.page, "You are in the right place"));
    await visible(doctor.page.getByText(/^Interpreter · Here/));
    await button(guest.page, "Chat").click();
    const mori = visitorOf(guest.context, guest.page);
    await mori.say("I am the interpreter.");
    await visible(doctor.page.getByRole("log").getByText("I am the interpreter."));

    await guest.page.goto(`${clinic.server.url}/`);
    await guest.page.waitForURL(`**/visits/${visit}`);
    await visible(heading(guest.page, "You are in the right place"));

    const again = await follow(link, "Somebody else");
    await visible(again.page.getByRole("alert").getByText(/was used already/));

    await button(doctor.page, "Withdraw: Mr. Mori").click();
    await doctor.page.getByRole("dialog").getByRole("button", { name: "Withdraw", exact: true }).click();
    await visible(guest.page.getByText("You are no longer in this visit"));
    await visible(doctor.page.getByText("Interpreter · Withdrawn"));
    await close(doctor, guest, again);
  });

  it("finds the door locked, and comes in once it is open", async () => {
    const visit = await newVisit();
    const doctor = await at("clinician", visit);
    const [family, observer] = [
      await invite(doctor.page, "Family", "Daughter"),
      await invite(doctor.page, "Observer", "Student"),
    ];
    const daughter = await follow(family, "Yui Sato");
    await visible(button(daughter.page, "Knock"));
    await button(doctor.page, "Lock the door").click();
    await visible(daughter.page.getByText(/^The door is closed for the moment/));
    expect(await button(daughter.page, "Knock").isDisabled()).toBe(true);
    const student = await follow(observer, "Ken");
    await visible(student.page.getByRole("alert").getByText(/locked/));
    await button(doctor.page, "Unlock the door").click();
    await button(daughter.page, "Knock").click();
    await visible(doctor.page.getByText("Yui Sato (Family) asks to come in"));
    await button(doctor.page, "Turn away").click();
    await visible(daughter.page.getByText("You are no longer in this visit"));

    await button(student.page, "Come to the door").click();
    await button(student.page, "Knock").click();
    await button(doctor.page, "Let in").click();
    await visible(student.page.getByText("You can read this conversation, but not write in it."));
    await close(doctor, daughter, student);
  });

  it("is told what a link is good for, and whom it signs out", async () => {
    const visit = await newVisit();
    const doctor = await at("clinician", visit);
    const link = await invite(doctor.page, "Family", "");
    const { page, context } = await at("patient2", visit);
    await page.goto(clinic.server.url + link);
    await visible(page.getByText(/^Daniel Okafor is signed in on this device/));
    await button(page, "Come to the door").click();
    await visible(page.getByRole("alert").getByText("Write your name."));
    await page.getByLabel("Your name").fill("Ben");
    await button(page, "Come to the door").click();
    await visible(button(page, "Knock"));
    const broken = await follow(`${link.slice(0, -6)}aaaaaa`, "Nobody");
    await visible(broken.page.getByRole("alert").getByText(/^This invitation is not valid/));
    await close(doctor, broken, { context });
  });
});

describe("lists of visits", () => {
  it("show a patient their own, and the clinic those of a day, as they change", async () => {
    const soon = await newVisit({ at: Date.now() + 60_000, patient: "patient3" });
    const tomorrow = await newVisit({ at: Date.now() + 86_400_000, patient: "patient3" });
    const patient = await personAt(clinic, "patient3", "/visits", phone);
    await visible(heading(patient.page, "Now and next"));
    await expectCount(patient.page.getByRole("link", { name: /With Dr\. Emma Lindqvist.*Scheduled/s }), 2);
    const doctor = await personAt(clinic, "clinician", "/visits");
    const row = (id: string) => doctor.page.locator(`a[href="/visits/${id}"]`);
    await visible(row(soon));
    await expectCount(row(tomorrow), 0);
    await button(doctor.page, "The day after").click();
    await visible(row(tomorrow));
    await button(doctor.page, "Today").click();
    await row(soon).click();
    await visible(doctor.page.getByRole("heading", { name: /^The visit is planned for/ }));
    await button(doctor.page, "Begin the visit").click();
    await visible(patient.page.getByRole("link", { name: /In progress/ }));
    await close(patient, doctor);
  });
});

describe("for everyone", () => {
  it("the keyboard is enough", async () => {
    const visit = await newVisit();
    const { context, page } = await at("patient", visit);
    await visible(heading(page, "You are in the right place"));
    await page.locator("#main").focus();
    await tabTo(page, "button", "I agree: Sharing");
    await page.keyboard.press("Space");
    await visible(button(page, "Withdraw: Sharing"));
    await tabTo(page, "textbox", "Write a message");
    await page.keyboard.type("By keyboard");
    await page.keyboard.press("Enter");
    await visible(visitorOf(context, page).message("By keyboard"));
    await context.close();
  });

  it.each([
    ["en-US", 320],
    ["ja-JP", 360],
    ["en-US", 1280],
  ])("nothing is too wide, too small or without a name (%s, %i px)", async (locale, width) => {
    const visit = await newVisit();
    const view = { locale, width, height: 640 };
    const doctor = await at("clinician", visit, view);
    const patient = await at("patient", visit, view);
    const sound = async ({ page }: { readonly page: Page }) => {
      expect(await tooWide(page)).toBe(0);
      expect(await tooSmall(page)).toEqual([]);
      expect(await nameless(page)).toEqual([]);
    };
    for (const one of [doctor, patient]) {
      await visible(one.page.locator("#people-title"));
      await sound(one);
    }
    const end = doctor.page.locator("main button.text-danger");
    await end.click();
    await visible(doctor.page.getByRole("dialog"));
    await sound(doctor);
    await doctor.page.getByRole("dialog").locator("button.button-danger").click();
    for (const one of [doctor, patient]) {
      await visible(one.page.locator("#summary-title"));
      await visible(one.page.locator("dd").first());
      await sound(one);
    }
    await close(doctor, patient);
  });
});

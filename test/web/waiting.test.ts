import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, openClinic } from "./clinic.ts";
import { eventually, expectCount, expectText, visible } from "./expect.ts";
import { nameless, tabTo, tooSmall, tooWide } from "./look.ts";
import { entryOf, openStaff, personAt, type Staff } from "./waiting-rooms.ts";

let clinic: Clinic;
let staff: Staff;

beforeAll(async () => {
  clinic = await openClinic({ devices: true });
  staff = await openStaff(clinic, ["clinician", "desk", "patient2", "patient3"]);
}, 120_000);
afterAll(async () => {
  await staff?.close();
  await clinic?.close();
});

const phone = { width: 390, height: 844 };
const asks = ["identity", "location", "emergencyContact"];
const place = (page: Page) => page.getByTestId("place");
const announced = (page: Page) => page.getByTestId("announced");
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Takes a place in the browser. */
async function takePlace(page: Page): Promise<void> {
  await button(page, "Take a place").click();
  await visible(place(page));
}

/** Where the parts of the waiting page stand (px). */
const layout = (page: Page) =>
  page.locator("main section, main a, main ol > li").evaluateAll((parts) =>
    parts.map((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      return [x, y, width, height].map(Math.round);
    }),
  );

describe("a patient who waits", () => {
  it("takes a place, checks in, and sees it move without a reload or a jump", async () => {
    const board = await staff.newQueue("General practice", { asks });
    await staff.joins("patient2", board.id);
    const { context, page } = await personAt(clinic, "patient", "/queues", phone);
    await page.getByRole("link", { name: /General practice.*Open/s }).click();
    await page.getByLabel("Why would you like to be seen?").fill("My knee hurts.");
    await page.getByLabel("Which language do you speak?").selectOption("ja");
    await page.getByLabel("I do not hear well").check();
    await page.getByLabel("Something else").fill("A quiet room");
    await takePlace(page);

    await expectText(place(page), "2");
    await visible(page.getByText("1 person is ahead of you.", { exact: true }));
    await expectText(page.getByTestId("wait"), "About 15 minutes");
    const entry = await entryOf(board, "patient");
    expect(entry).toMatchObject({ reason: "My knee hurts.", language: "ja", ready: false });
    expect(entry.needs).toEqual(["hearing", "A quiet room"]);

    await visible(page.getByText("So that help can be sent to you if you suddenly need it."));
    await button(page, "Check in").click();
    await visible(page.getByRole("alert").getByText("Please answer every question."));
    await page.getByLabel(/^I am/).check();
    await page.getByLabel("Where are you now?").fill("At home, 1-2-3 Sakura, Kyoto");
    await page.getByLabel("Who should be called if something happens?").fill("Taro, 090-0000-0000");
    await button(page, "Check in").click();
    await visible(page.getByText("You are checked in."));
    const ready = await entryOf(board, "patient", (one) => one.ready);
    expect(ready.checkIn).toEqual({
      identity: "confirmed",
      location: "•••",
      emergencyContact: "•••00",
    });
    expect(await board.unmask(ready.id, ["location", "emergencyContact"], "identity")).toEqual({
      location: "At home, 1-2-3 Sakura, Kyoto",
      emergencyContact: "Taro, 090-0000-0000",
    });

    const before = await layout(page);
    await staff.sessions.patient2?.joinQueue(board.id).leave();
    await expectText(place(page), "1");
    await visible(page.getByText("You are next.", { exact: true }));
    await expectText(page.getByTestId("wait"), "Only a few minutes");
    expect(await layout(page)).toEqual(before);
    await expectText(announced(page), "You are number 1. You are next.");
    expect(await announced(page).getAttribute("aria-live")).toBe("polite");
    expect(await page.title()).toContain("You are number 1. General practice");
    await context.close();
  });

  it("is told why the place went back, and reads what the clinic tells", async () => {
    const board = await staff.newQueue("Triage");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await expectText(place(page), "1");
    await staff.joins("patient3", board.id);
    const other = await entryOf(board, "patient3");
    await board.prioritise(other.id, "urgent", "Chest pain");
    await expectText(place(page), "2");
    await visible(page.getByText(/^Someone whose need is more urgent goes first\. That is why/));
    await eventually(() => announced(page).textContent()).toMatch(/number 2\..*more urgent/s);
    expect(await page.getByText("Chest pain").count()).toBe(0);

    await board.notify("We are ten minutes late.");
    await visible(page.getByRole("listitem").getByText("We are ten minutes late."));
    await board.notify("Please have your card ready.", (await entryOf(board, "patient")).id);
    const personal = page.getByRole("listitem").filter({ hasText: "Please have your card ready." });
    await visible(personal.getByText("For you"));
    await context.close();
  });

  it("is no place for the staff, who see the queue at their console", async () => {
    const board = await staff.newQueue("Staff only");
    const { context, page } = await personAt(clinic, "clinician", `/queues/${board.id}`);
    await page.waitForURL(`**/console/${board.id}`);
    await page.goto(`${clinic.server.url}/queues`);
    await page.waitForURL("**/console");
    await context.close();
  });

  it("does not know how long when nobody is on duty, and is told so", async () => {
    const board = await staff.newQueue("Nobody here");
    await board.duty("off");
    await staff.joins("patient2", board.id);
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await expectText(page.getByTestId("wait"), "We cannot say yet");
    await visible(page.getByText(/^Nobody is seeing patients at this moment/));
    await board.duty("available");
    await staff.sessions.patient2?.joinQueue(board.id).leave();
    await expectText(page.getByTestId("wait"), "Only a few minutes");
    await context.close();
  });

  it("keeps the place over a reload, on two devices, and while reading messages", async () => {
    const board = await staff.newQueue("Everywhere");
    await staff.joins("patient2", board.id);
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await page.reload();
    await expectText(place(page), "2");
    const second = await personAt(clinic, "patient", `/queues/${board.id}`, phone);
    await expectText(place(second.page), "2");
    await expectCount(second.page.getByRole("button", { name: "Take a place" }), 0);

    await page.getByRole("link", { name: "Messages" }).click();
    await visible(page.getByRole("link", { name: /You are number 2 · Everywhere/ }));
    await page.reload();
    await page.getByRole("link", { name: /You are number 2 · Everywhere/ }).click();
    await expectText(place(page), "2");
    await button(page, "Sign out").click();
    const leaving = page.getByRole("dialog", { name: "Sign out now?" });
    await visible(leaving.getByText(/^You have a place in a waiting room\./));
    await leaving.getByRole("button", { name: "Stay signed in" }).click();

    await button(second.page, "Leave the waiting room").click();
    const asked = second.page.getByRole("dialog", { name: "Give up your place?" });
    await asked.getByRole("button", { name: "Keep my place" }).click();
    await asked.waitFor({ state: "hidden" });
    await expectText(place(second.page), "2");
    await button(second.page, "Leave the waiting room").click();
    await asked.getByRole("button", { name: "Leave", exact: true }).click();
    for (const one of [page, second.page])
      await visible(one.getByRole("heading", { name: "You have given up your place" }));
    await button(page, "Take a new place").click();
    await takePlace(page);
    await Promise.all([context.close(), second.context.close()]);
  });

  it("reads in words that the connection broke and that the place is kept", async () => {
    const board = await staff.newQueue("Tunnel");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await context.setOffline(true);
    await visible(page.getByText(/Your place is kept for a while/));
    await expectText(place(page), "1");
    await context.setOffline(false);
    await page.getByText("You are offline.").waitFor({ state: "hidden" });
    await expectText(place(page), "1");
    await entryOf(board, "patient", ({ online }) => online);
    await context.close();
  });
});

describe("a patient who is called", () => {
  it("cannot overlook it, answers, and is led into the visit", async () => {
    const board = await staff.newQueue("Called");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`, phone);
    await takePlace(page);
    const { id } = await entryOf(board, "patient");
    await board.call(id);
    await visible(page.getByText("Dr. Emma Lindqvist is ready for you", { exact: true }));
    const here = button(page, "I am here");
    const box = await here.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(72);
    expect(box?.width).toBeGreaterThanOrEqual(300);
    await eventually(async () => page.getByRole("timer").textContent()).toMatch(
      /^Time left to answer: (2:00|1:\d\d)$/,
    );
    const spoken = page.locator("[aria-live=assertive]").filter({ hasText: "Dr. Emma Lindqvist" });
    await eventually(() => spoken.textContent()).toContain("Press the button");
    await eventually(() => page.title()).toBe("It is your turn!");
    await here.click();
    await visible(page.getByText("The clinician is about to let you in.", { exact: false }).first());
    await entryOf(board, "patient", ({ status }) => status === "confirmed");
    await eventually(() => page.title()).toContain("Called");
    await board.admit(id);
    await page.waitForURL(/\/visits\//);
    await visible(page.getByRole("heading", { name: "You are in the right place" }));
    await visible(page.getByText("Dr. Emma Lindqvist will be with you in a moment."));

    await page.goto(`${clinic.server.url}/queues/${board.id}`);
    await visible(page.getByRole("heading", { name: "Your turn has come" }));
    await context.close();
  });

  it("hears it wherever they are in the page", async () => {
    const board = await staff.newQueue("Reading");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await page.getByRole("link", { name: "Messages" }).click();
    await visible(page.getByRole("heading", { name: "Conversations" }));
    const { id } = await entryOf(board, "patient");
    await board.call(id);
    await button(page, "I am here").click();
    await entryOf(board, "patient", ({ status }) => status === "confirmed");
    await board.admit(id);
    await page.waitForURL(/\/visits\//);
    await context.close();
  });

  it("is told that a call went by, keeps the place, and is called again", async () => {
    const board = await staff.newQueue("Unanswered", { callSeconds: 5 });
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    const { id } = await entryOf(board, "patient");
    await board.call(id);
    await visible(button(page, "I am here"));
    await visible(page.getByText(/^We called you at .* and got no answer/));
    await expectCount(button(page, "I am here"), 0);
    await expectText(place(page), "1");
    await board.call(id);
    await button(page, "I am here").click();
    await entryOf(board, "patient", ({ status }) => status === "confirmed");
    await context.close();
  });
});

describe("a place that ends, or goes elsewhere", () => {
  it("is said kindly, with the clinic's reason and what to do next", async () => {
    const board = await staff.newQueue("Removed");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await board.remove((await entryOf(board, "patient")).id, "Please come in person.");
    await visible(page.getByRole("heading", { name: "The clinic has ended your wait" }));
    await visible(page.getByText("Please come in person."));
    await button(page, "Take a new place").click();
    await takePlace(page);
    await board.noShow((await entryOf(board, "patient")).id);
    await visible(page.getByRole("heading", { name: "We called you, but could not reach you" }));
    await context.close();
  });

  it("is told while the patient reads something else", async () => {
    const board = await staff.newQueue("Elsewhere");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    await page.getByRole("link", { name: "Visits" }).click();
    await visible(page.getByRole("heading", { name: "Visits" }));
    await board.remove((await entryOf(board, "patient")).id, "Closing early.");
    const told = page.getByRole("alert").filter({ hasText: "Your place has ended · Elsewhere" });
    await visible(told);
    await told.click();
    await visible(page.getByText("Closing early."));
    await page.getByRole("link", { name: "Visits" }).click();
    await visible(page.getByRole("heading", { name: "Visits" }));
    await expectCount(told, 0);
    await context.close();
  });

  it("is held, and moved to another waiting room, where it is followed", async () => {
    const [board, other] = await Promise.all([staff.newQueue("From here"), staff.newQueue("To there")]);
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await takePlace(page);
    const { id } = await entryOf(board, "patient");
    await board.hold(id);
    await visible(page.getByText(/^The clinic has put you on hold/));
    await board.resume(id);
    await visible(page.getByText(/^This place is yours/));
    await board.transfer(id, other.id);
    await page.waitForURL(`**/queues/${other.id}`);
    await visible(page.getByRole("heading", { name: "To there" }));
    await visible(page.getByText(/^The clinic has moved you here from “From here”/));
    await expectText(place(page), "1");
    await page.reload();
    await expectText(place(page), "1");
    await context.close();
  });
});

describe("a waiting room that takes nobody", () => {
  it("says so in plain words, and opens without a reload", async () => {
    const board = await staff.newQueue("Lunch");
    await board.close();
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await visible(page.getByRole("heading", { name: "This waiting room is closed now" }));
    await board.open();
    await visible(button(page, "Take a place"));
    await board.suspend({ notice: "Back after lunch.", until: Date.now() + 3_600_000 });
    await visible(page.getByRole("heading", { name: "This waiting room is paused" }));
    await visible(page.getByText("Back after lunch."));
    await visible(page.getByText(/^Expected to go on:/));
    await board.open();
    await takePlace(page);
    await board.suspend();
    await visible(page.getByText("The clinic is taking a pause. You keep your place.").last());
    await context.close();
  });
});

describe("camera and microphone", () => {
  it("are tried beforehand, while the place is kept", async () => {
    const board = await staff.newQueue("Devices");
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await context.grantPermissions(["camera", "microphone"]);
    await takePlace(page);
    await page.getByRole("link", { name: /Check camera and microphone/ }).click();
    await button(page, "Start the check").click();
    await visible(page.getByLabel("Your camera's picture"));
    await eventually(() =>
      page.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth > 0 && !video.paused),
    ).toBe(true);
    await visible(page.getByText("We hear you. The microphone works."));
    await button(page, "Play the sound").click();
    await visible(page.getByText(/^No sound\?/));
    await (await page.getByRole("link", { name: "Done" }).last()).click();
    await expectText(place(page), "1");
    expect(await page.locator("video").count()).toBe(0);
    await context.close();
  });

  it("are explained in plain words where the browser refuses them", async () => {
    const { context, page } = await personAt(clinic, "patient", "/device-check");
    await button(page, "Start the check").click();
    await expectCount(page.getByRole("alert").getByText(/^The browser does not let us use it/), 2);
    await visible(page.getByText("Without a camera you can still be heard."));
    await context.close();
  });
});

describe("for everyone", () => {
  it("the keyboard is enough", async () => {
    const board = await staff.newQueue("By keyboard", { asks: ["location"] });
    const { context, page } = await personAt(clinic, "patient", `/queues/${board.id}`);
    await visible(button(page, "Take a place"));
    await tabTo(page, "textbox", "Why would you like to be seen?");
    await page.keyboard.type("A rash");
    await tabTo(page, "checkbox", "I use a wheelchair");
    await page.keyboard.press("Space");
    await tabTo(page, "button", "Take a place");
    await page.keyboard.press("Enter");
    await visible(place(page));
    await tabTo(page, "textbox", "Where are you now?");
    await page.keyboard.type("Kyoto");
    await page.keyboard.press("Enter");
    await visible(page.locator(":focus").filter({ hasText: "You are checked in." }));
    const entry = await entryOf(board, "patient", ({ ready }) => ready);
    expect(entry).toMatchObject({ reason: "A rash", needs: ["wheelchair"] });
    await board.call(entry.id);
    await visible(button(page, "I am here"));
    await tabTo(page, "button", "I am here");
    await page.keyboard.press("Enter");
    await entryOf(board, "patient", ({ status }) => status === "confirmed");
    await context.close();
  });

  it.each([
    ["en-US", 320],
    ["ja-JP", 360],
    ["en-US", 390],
    ["ja-JP", 1280],
  ])("nothing is too wide, too small or without a name (%s, %i px)", async (locale, width) => {
    const title = `General ${locale} ${width}`;
    const board = await staff.newQueue(title, { asks });
    const { context, page } = await personAt(clinic, "patient", "/queues", { locale, width, height: 640 });
    const sound = async () => {
      expect(await tooWide(page)).toBe(0);
      expect(await tooSmall(page)).toEqual([]);
      expect(await nameless(page)).toEqual([]);
    };
    await visible(page.getByRole("link", { name: new RegExp(title) }));
    await sound();
    await page.goto(`${clinic.server.url}/queues/${board.id}`);
    await visible(page.locator("#reason"));
    await sound();
    await page.locator("form button[type=submit]").click();
    await visible(place(page));
    await sound();
    const { id } = await entryOf(board, "patient");
    await board.call(id);
    await visible(page.getByRole("timer"));
    await sound();
    await board.remove(id, "x".repeat(200));
    await visible(page.getByText("x".repeat(200)));
    await sound();
    await page.goto(`${clinic.server.url}/device-check`);
    await visible(page.locator("#speaker-title"));
    await sound();
    await context.close();
  });
});

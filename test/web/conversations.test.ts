import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, openClinic, visitorOf } from "./clinic.ts";
import { eventually, expectCount, expectText, visible } from "./expect.ts";

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic();
}, 120_000);
afterAll(() => clinic?.close());

const people = ["clinician", "patient"];

describe("the way in", () => {
  it("is one press with a demo account, and leads to the address one came for", async () => {
    const { context, page } = await clinic.stranger("/chats/demo");
    await page
      .getByRole("button", { name: /Demo · Patient/ })
      .first()
      .click();
    await visible(page.getByRole("heading", { name: "Demo Clinic 相談室" }));
    await page.reload();
    await visible(page.getByRole("heading", { name: "Demo Clinic 相談室" }));
    await visible(page.getByText("Demo account", { exact: true }));
    await context.close();
  });

  it("to a conversation of others is closed, and says so", async () => {
    const chat = await clinic.newChat("Between doctors", ["clinician", "clinician2"]);
    const { context, page } = await clinic.stranger(`/chats/${chat}`);
    await page
      .getByRole("button", { name: /Demo · Patient/ })
      .first()
      .click();
    await visible(page.getByRole("alert").getByText("This conversation is closed to you"));
    await expectCount(page.getByText("Between doctors"), 0);
    await page.getByRole("link", { name: "Back to conversations" }).last().click();
    await visible(page.getByRole("heading", { name: "Conversations" }));
    await page.goto(`${clinic.server.url}/nowhere`);
    await visible(page.getByRole("heading", { name: "This page does not exist" }));
    await context.close();
  });
});

describe("a file", () => {
  it("is added by a button that says so, sent while one writes, and seen by others once it was checked", async () => {
    const chat = await clinic.newChat("Skin", people);
    const patient = await clinic.visitor("patient", chat, { width: 390, height: 844 });
    const doctor = await clinic.visitor("clinician", chat);
    await visible(patient.page.getByRole("button", { name: "Add a photo or a file" }));
    const chooser = patient.page.waitForEvent("filechooser");
    await patient.page.getByRole("button", { name: "Add a photo or a file" }).click();
    const buffer = await sharp({ create: { width: 600, height: 400, channels: 3, background: "#a66" } })
      .jpeg()
      .toBuffer();
    await (await chooser).setFiles([
      { name: "arm.jpg", mimeType: "image/jpeg", buffer },
      { name: "not a picture.png", mimeType: "image/png", buffer: Buffer.from("%PDF-1.4 …") },
    ]);
    const list = patient.page.getByRole("list", { name: "Files to send" });
    await visible(list.getByText("Blocked: It is not what its name says."));
    await visible(list.getByText("Ready to send"));
    await patient.say("This is my arm.");
    await expectCount(list.getByText("Ready to send"), 0);
    await patient.page.getByRole("button", { name: "Remove not a picture.png" }).click();
    const message = doctor.message("This is my arm.");
    await visible(message.getByRole("img", { name: "Picture: arm.jpg" }));
    await visible(message.getByText(/Not checked for viruses/));
    await eventually(() =>
      message.getByRole("img").evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth),
    ).toBe(600);
    const saving = doctor.page.waitForEvent("download");
    await message.getByRole("button", { name: "Save arm.jpg" }).last().click();
    expect((await saving).suggestedFilename()).toBe("arm.jpg");
    await patient.context.close();

    // Pasted, and taken back.
    await doctor.field.evaluate((field) => {
      const data = new DataTransfer();
      data.items.add(new File(["a,b"], "values.csv", { type: "text/csv" }));
      field.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    await visible(doctor.page.getByText("Ready to send"));
    await doctor.page.getByRole("button", { name: "Remove values.csv" }).click();
    await expectCount(doctor.page.getByText("Ready to send"), 0);
    await doctor.context.close();
  });
});

describe("the list of conversations", () => {
  it("counts what is new, shows the last message, and is emptied by reading", async () => {
    const chat = await clinic.newChat("Laboratory", people);
    const other = await clinic.newChat("Elsewhere", people);
    const patient = await clinic.visitor("patient", other);
    await clinic.tell(chat, "clinician", ["The results are here.", "Nearly everything is normal."]);
    const row = patient.page.getByRole("link", { name: /^Laboratory/ });
    await eventually(() => row.textContent()).toContain("2 new messages");
    await eventually(() => row.textContent()).toContain("Nearly everything is normal.");
    await expect.soft(patient.page.title()).resolves.toMatch(/^\(2\)/);
    await row.click();
    await visible(patient.message("Nearly everything is normal."));
    await eventually(() => row.textContent()).not.toContain("new message");
    await patient.page.getByRole("link", { name: /^Elsewhere/ }).click();
    await visible(patient.page.getByRole("heading", { name: "Elsewhere" }));
    await eventually(() => row.textContent()).not.toContain("new message");
    await patient.context.close();
  });

  it("is added to by the staff, who choose the people", async () => {
    const doctor = await clinic.visitor("clinician", "demo");
    await doctor.page.getByRole("button", { name: "New conversation" }).click();
    const dialog = doctor.page.getByRole("dialog", { name: "New conversation" });
    await dialog.getByRole("button", { name: "Start conversation" }).click();
    await visible(dialog.getByRole("alert").getByText("Write what the conversation is about."));
    await dialog.getByRole("textbox", { name: "What is it about?" }).fill("Physiotherapy");
    await dialog.getByRole("searchbox", { name: "Search by name" }).fill("okafor");
    await dialog.getByRole("checkbox", { name: /Daniel Okafor/ }).check({ force: true });
    await dialog.getByRole("button", { name: "Start conversation" }).click();
    await visible(doctor.page.getByRole("heading", { name: "Physiotherapy" }));
    await doctor.say("Welcome, Daniel.");
    await expectText(doctor.delivery("Welcome, Daniel."), "Sent");
    const { context, page } = await clinic.stranger("/");
    await page.locator("#username").fill("patient2");
    await page.locator("#password").fill("demo-patient2");
    await page.locator("#password").press("Enter");
    await visible(page.getByRole("link", { name: /^Physiotherapy.*1 new message/ }));
    await expectCount(page.getByRole("button", { name: "New conversation" }), 0);
    await Promise.all([context.close(), doctor.context.close()]);
  });
});

describe("a message that is refused", () => {
  it("stays, says why, and can be sent again or discarded", async () => {
    const chat = await clinic.newChat("Refused", people);
    const patient = await clinic.visitor("patient", chat);
    await patient.context.setOffline(true);
    await visible(patient.page.getByText("You are offline."));
    await patient.say("May I?");
    await patient.say("Never mind");
    await clinic.setRole(chat, "clinician", "patient", "observer");
    await patient.context.setOffline(false);
    await visible(patient.page.getByText("You can read this conversation, but not write in it."));
    await visible(patient.message("May I?").getByRole("alert").getByText("Not sent."));
    await patient.message("Never mind").getByRole("button", { name: "Discard" }).click();
    await expectCount(patient.message("Never mind"), 0);
    expect(await clinic.history(chat, "patient")).toEqual([]);

    await clinic.setRole(chat, "clinician", "patient", "member");
    await visible(patient.field);
    await patient.message("May I?").getByRole("button", { name: "Try again" }).click();
    await expectText(patient.delivery("May I?"), "Sent");
    expect(await clinic.history(chat, "patient")).toEqual(["May I?"]);
    await patient.context.close();
  });
});

describe("who is taken out of a conversation", () => {
  it("sees it no more", async () => {
    const chat = await clinic.newChat("Farewell", people);
    const patient = await clinic.visitor("patient", chat);
    await clinic.tell(chat, "clinician", ["A secret from now on"]);
    await visible(patient.message("A secret from now on"));
    await clinic.setRole(chat, "clinician", "patient", null);
    await visible(patient.page.getByRole("alert").getByText("This conversation is closed to you"));
    await expectCount(patient.page.getByText("A secret from now on"), 0);
    const again = visitorOf(patient.context, await patient.context.newPage());
    await again.page.goto(`${clinic.server.url}/chats/${chat}`);
    await visible(again.page.getByRole("alert").getByText("This conversation is closed to you"));
    await patient.context.close();
  });
});

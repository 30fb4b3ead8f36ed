import { Secret, TOTP } from "otpauth";
import type { Page } from "playwright-core";
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

  it("has a second step once an authenticator app is set up, and other sign-ins can be ended", async () => {
    const codeOf = (secret: string, steps: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
    const enter = async (page: Page) => {
      await page.getByLabel("User name").fill("auditor");
      await page.getByLabel("Password", { exact: true }).fill("demo-auditor");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
    };
    const first = await clinic.stranger("/security");
    await enter(first.page);
    await visible(first.page.getByRole("heading", { name: "Security" }));
    await first.page.getByRole("button", { name: "Set up" }).click();
    await first.page.getByLabel("Your password, once more").fill("demo-auditor");
    await first.page.getByRole("button", { name: "Next" }).click();
    await visible(first.page.getByAltText("QR code for the authenticator app"));
    const secret = (await first.page.locator("p.font-mono").textContent())?.replaceAll(/\s/g, "") ?? "";
    await first.page.getByLabel("Code of your authenticator app").fill(codeOf(secret, -1));
    await first.page.getByRole("button", { name: "Confirm" }).click();
    await expectCount(first.page.locator("main li, li").filter({ hasText: /^\w{4}-\w{4}-\w{4}-\w{4}$/ }), 10);
    await first.page.getByRole("button", { name: "I have written them down" }).click();
    await visible(first.page.getByText("10 recovery codes are left"));

    const second = await clinic.stranger("/security");
    await enter(second.page);
    await second.page.getByRole("button", { name: "Continue" }).click();
    await visible(second.page.getByRole("alert").getByText("Write the code first."));
    await second.page.getByLabel("Code of your authenticator app").fill("000000");
    await second.page.getByRole("button", { name: "Continue" }).click();
    await visible(second.page.getByRole("alert").getByText("The code is wrong"));
    await second.page.getByLabel("Code of your authenticator app").fill(codeOf(secret, 0));
    await second.page.getByRole("button", { name: "Continue" }).click();
    await visible(second.page.getByText("in two steps").first());
    await second.page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await visible(first.page.getByRole("heading", { name: "Sign in", exact: true }));
    await second.page.getByRole("button", { name: "Turn off two-step sign-in" }).click();
    await second.page.getByLabel("A code of the app, or a recovery code").fill(codeOf(secret, 1));
    await second.page.getByRole("button", { name: "Turn off two-step sign-in" }).click();
    await visible(second.page.getByRole("button", { name: "Set up" }));
    await first.context.close();
    await second.context.close();
  }, 120_000);

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
    await visible(list.getByText("Blocked: It is not what its name says. A photo or a PDF can be sent."));
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

describe("search", () => {
  it("finds what was written, however it is written, marks it, and opens it where it stands", async () => {
    const chat = await clinic.newChat("Rehabilitation", people);
    await clinic.tell(chat, "clinician", [
      "リハビリは週に二回です。",
      ...Array.from({ length: 30 }, (_, n) => `Exercise ${n + 1}: ten times on each side, slowly.`),
    ]);
    const patient = await clinic.visitor("patient", "demo");
    const { page } = patient;
    await page.keyboard.press("Control+k");
    await page.keyboard.insertText("りはびり");
    const hit = page.getByRole("link", { name: /リハビリは週に二回です/ });
    await eventually(async () => {
      // The index follows what is written a moment later; until then there is nothing, and it is asked again.
      const found = await hit.waitFor({ timeout: 4_000 }).then(
        () => true,
        () => false,
      );
      const field = page.getByRole("searchbox", { name: "Search" });
      if (!found) await field.fill((await field.inputValue()) === "りはびり" ? "リハビリ" : "りはびり");
      return found;
    }).toBe(true);
    await expectText(hit.locator("mark"), "リハビリ");
    await visible(hit.getByText("Rehabilitation"));
    await page.getByRole("searchbox", { name: "Search" }).press("ArrowDown");
    await page.keyboard.press("Enter");
    await visible(patient.message("リハビリは週に二回です。"));
    await eventually(async () => page.url()).toContain(`/chats/${chat}?at=`);
    await page.getByRole("searchbox", { name: "Search" }).press("Escape");
    await visible(page.getByRole("link", { name: /^Rehabilitation/ }));
    await patient.context.close();
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

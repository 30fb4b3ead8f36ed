import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Clinic, openClinic, type Visitor } from "./clinic.ts";
import { eventually, visible } from "./expect.ts";
import { tooSmall } from "./look.ts";

let clinic: Clinic;
let chat: string;
let patient: Visitor;

beforeAll(async () => {
  clinic = await openClinic({ env: { FILES_MAX_MB: "1" } });
  chat = await clinic.newChat("A photo of the rash", ["clinician", "patient"]);
  patient = await clinic.visitor("patient", chat, { width: 390, height: 844 });
}, 120_000);
beforeEach(() => patient.page.unrouteAll({ behavior: "ignoreErrors" }));
afterAll(() => clinic?.close());

const waiting = (state: string) => patient.page.locator(`[data-outgoing="${state}"]`);
const button = (name: string | RegExp) => patient.page.getByRole("button", { name });
const text = Buffer.from("Taken twice a day.");

const choose = (name: string, mimeType: string, buffer = text) =>
  patient.page.locator("[data-chooser]").setInputFiles({ name, mimeType, buffer });

/** Drags a file of a page's own over a thing in it, or lets it fall there; what the page did with the event. */
function drag(page: Page, event: "dragover" | "drop", over: string, name: string): Promise<boolean> {
  return page.locator(over).evaluate(
    (target, [type, fileName]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["Taken twice a day."], fileName, { type: "text/plain" }));
      return !target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    },
    [event, name] as const,
  );
}

describe("a file that is dragged", () => {
  it("onto the conversation goes with the next message", async () => {
    const { page, log } = patient;
    expect(await drag(page, "dragover", "[role=log]", "dose.txt")).toBe(true);
    await visible(page.getByText("Drop the files here to send them"));
    expect(await drag(page, "drop", "[role=log]", "dose.txt")).toBe(true);
    await page.locator("[data-drop]").waitFor({ state: "detached" });
    await visible(waiting("ready").getByText("dose.txt"));
    await patient.say("");
    await visible(log.getByText("dose.txt"));
    await eventually(() => waiting("ready").count()).toBe(0);
  });

  it("where nothing takes it does not replace the page", async () => {
    const { page, context } = await clinic.stranger("/");
    await visible(page.getByRole("button", { name: "Sign in" }));
    expect(await drag(page, "dragover", "main", "dose.txt")).toBe(true);
    expect(await drag(page, "drop", "main", "dose.txt")).toBe(true);
    await context.close();
  });
});

describe("on its way", () => {
  it("a file shows how far it is, and can be stopped", async () => {
    const { page, field } = patient;
    const asked = page.waitForRequest((request) => request.url().includes("/v1/uploads/"));
    await page.route("**/v1/uploads/*", () => undefined);
    await choose("long.txt", "text/plain");
    await asked;
    await visible(page.getByRole("progressbar", { name: /^long\.txt: \d+% sent$/ }));
    await field.fill("Here it is.");
    await visible(page.getByText("The files are still on their way."));
    expect(await tooSmall(page)).toEqual([]);
    const forgotten = page.waitForRequest((request) => request.method() === "DELETE");
    await button("Stop sending long.txt").click();
    await forgotten;
    expect(await page.locator("[data-outgoing]").count()).toBe(0);
    await page.locator("textarea:focus").waitFor();
    await field.fill("");
  });

  it("a broken connection is said, and one tries again", async () => {
    const { page } = patient;
    await page.route("**/v1/uploads/*", (route) => route.abort("connectionreset"), { times: 1 });
    await choose("broken.txt", "text/plain");
    await visible(waiting("unavailable").getByText("The connection broke. It is sent again by itself"));
    await button("Try again broken.txt").click();
    await visible(waiting("ready").getByText("broken.txt"));
    await button("Remove broken.txt").click();
  });

  it("what a lost connection broke off goes on by itself when it is back", async () => {
    const { page, context } = patient;
    await context.setOffline(true);
    await visible(page.getByText("You are offline."));
    await choose("offline.txt", "text/plain");
    await visible(waiting("unavailable"));
    await context.setOffline(false);
    await visible(waiting("ready").getByText("offline.txt"));
    await button("Remove offline.txt").click();
  });
});

describe("what is not taken says why, and what to do", () => {
  it.each([
    ["notes.html", "text/html", text, "Files of this type cannot be sent. Send a picture"],
    ["empty.txt", "text/plain", Buffer.alloc(0), "The file is empty. Choose another one."],
    ["large.txt", "text/plain", Buffer.alloc(1_100_000, "x"), "This file is too large. Send a smaller one."],
    ["not-a.jpg", "image/jpeg", text, "Blocked: It is not what its name says."],
  ])("%s", async (name, type, buffer, words) => {
    await choose(name, type, buffer);
    await visible(patient.page.getByRole("alert").getByText(words));
    await button(`Remove ${name}`).click();
    await eventually(() => patient.page.locator("[data-outgoing]").count()).toBe(0);
  });

  it("a file that is still being checked, and one with a virus in it", async () => {
    const { page } = patient;
    const files = await clinic.visitor("clinician", chat);
    const stands = { state: "quarantined" };
    await files.page.route(/\/v1\/files\/[^/]+$/, async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, json: { ...(await reply.json()), ...stands } });
    });
    await choose("scan.txt", "text/plain");
    await visible(waiting("ready"));
    await patient.say("");
    const seen = files.log.locator("[data-file]").last();
    await visible(seen.getByText("scan.txt"));
    await visible(seen.getByText("Being checked for viruses. It opens by itself when that is done."));
    Object.assign(stands, { state: "rejected", reason: "malware" });
    await visible(seen.getByText("Blocked: A virus was found in it, so it was deleted."));
    expect(await seen.getByRole("button").count()).toBe(0);
    await files.context.close();
    expect(await page.locator("[data-outgoing]").count()).toBe(0);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, openClinic, visitorOf } from "./clinic.ts";
import { eventually, visible } from "./expect.ts";
import { tabTo, tooSmall } from "./look.ts";

let clinic: Clinic;
let chat: string;

beforeAll(async () => {
  clinic = await openClinic();
  chat = await clinic.newChat("Blood pressure", ["clinician", "patient", "desk"]);
  await clinic.tell(chat, "clinician", [
    "Good morning.",
    "Please measure it twice a day: https://example.org/how-to",
  ]);
  await clinic.tell(chat, "patient", ["I will. ".repeat(40)]);
}, 120_000);
afterAll(() => clinic?.close());

describe("with the keyboard alone", () => {
  it("one signs in, opens a conversation, writes, and reads", async () => {
    const { context, page } = await clinic.stranger("/");
    const { message, log } = visitorOf(context, page);
    await visible(page.getByRole("heading", { name: "Try it with a demo account" }));
    await tabTo(page, "textbox", "User name");
    await page.keyboard.type("patient");
    await tabTo(page, "textbox", "Password");
    await page.keyboard.type("demo-patient");
    await page.keyboard.press("Enter");
    await visible(page.getByRole("heading", { name: "Conversations" }));
    const row = page.getByRole("link", { name: /^Blood pressure/ });
    await visible(row);
    await tabTo(page, "link", (await row.ariaSnapshot()).match(/link "(.*?)"/)?.[1] ?? "");
    await page.keyboard.press("Enter");
    await page.locator("textarea:focus").waitFor();
    await page.keyboard.type("First line");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("second line");
    await page.keyboard.press("Enter");
    await visible(log.getByText("First line second line"));
    await eventually(() => clinic.history(chat, "patient")).toContain("First line\nsecond line");

    const people = page.getByRole("button", { name: /^Show the 3 people/ });
    await people.focus();
    await page.keyboard.press("Enter");
    await visible(page.getByRole("dialog", { name: "People" }));
    await tabTo(page, "button", "Close");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await eventually(() => people.evaluate((one) => one === document.activeElement)).toBe(true);

    // Back over the paper clip, into the conversation.
    await page.locator("textarea").focus();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await visible(page.getByRole("dialog", { name: "Message" }));
    await tabTo(page, "button", "Reply");
    await page.keyboard.press("Enter");
    await visible(page.getByText("Replying to Dr. Emma Lindqvist"));
    await page.keyboard.press("Escape");
    await page.getByText("Replying to Dr. Emma Lindqvist").waitFor({ state: "hidden" });
    await page.keyboard.type("Good.");
    await page.keyboard.press("Enter");
    await visible(message("Good."));
    await context.close();
  });

  it("Enter while an input method composes sends nothing", async () => {
    const patient = await clinic.visitor("patient", chat, { locale: "ja-JP" });
    const before = await clinic.history(chat, "patient");
    const input = await patient.context.newCDPSession(patient.page);
    await patient.field.focus();
    await input.send("Input.imeSetComposition", { text: "こんにちは", selectionStart: 5, selectionEnd: 5 });
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
    await input.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
    await input.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
    await input.send("Input.insertText", { text: "こんにちは" });
    expect(await patient.field.inputValue()).toBe("こんにちは");
    await patient.field.press("Enter");
    await visible(patient.message("こんにちは"));
    await eventually(() => clinic.history(chat, "patient")).toEqual([...before, "こんにちは"]);
    await patient.context.close();
  });
});

describe("with a screen reader", () => {
  it("the sign-in is a form with names, and says what went wrong", async () => {
    const { context, page } = await clinic.stranger("/");
    await visible(page.getByRole("button", { name: /Demo · Patient/ }).first());
    const tree = await page.locator("body").ariaSnapshot();
    for (const part of [
      /- main:/,
      /heading "Sign in" \[level=1\]/,
      /group "Language"/,
      /button "English" \[pressed\]/,
      /button ".*Demo · Clinician"/,
      /textbox "User name"/,
      /textbox "Password"/,
      /button "Sign in"/,
    ])
      expect(tree).toMatch(part);
    await page.locator("#username").fill("patient");
    await page.locator("#password").fill("wrong");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await visible(page.getByRole("alert").getByText("The user name or the password is wrong."));
    await context.close();
  });

  it("a conversation has its landmarks, its log and names for everything that can be pressed", async () => {
    const { context, page, log } = await clinic.visitor("patient", chat);
    const tree = await page.locator("body").ariaSnapshot();
    for (const part of [
      /link "Skip to the conversation"/,
      /navigation "Conversations"/,
      /- main:/,
      /heading "Blood pressure" \[level=2\]/,
      /button "Show the 3 people in this conversation 1 of 3 online"/,
      /log "Messages: Blood pressure"/,
      /button "More about the message from Dr. Emma Lindqvist"/,
      /textbox "Write a message"/,
      /button "Send" \[disabled\]/,
      /button "Sign out"/,
    ])
      expect(tree).toMatch(part);
    expect(tree).not.toMatch(/(button|link|textbox)(:| \[|$)/m);
    await eventually(() => log.getAttribute("aria-live")).toBe("polite");
    expect(await page.title()).toContain("Blood pressure – HugMeDo");
    await context.close();
  });
});

describe("on a small phone", () => {
  it.each([
    ["en-US", 360],
    ["ja-JP", 360],
    ["en-US", 320],
  ])("nothing is wider than the screen, and everything large enough (%s, %i px)", async (locale, width) => {
    const { context, page } = await clinic.stranger("/", { locale, width, height: 640 });
    await page.getByRole("main").waitFor();
    await visible(page.locator("summary"));
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await wide()).toBe(0);
    expect(await tooSmall(page)).toEqual([]);
    await page.locator("#username").fill("patient");
    await page.locator("#password").fill("demo-patient");
    await page.locator("#password").press("Enter");
    await visible(page.getByRole("link", { name: /^Blood pressure/ }));
    expect(await wide()).toBe(0);
    expect(await tooSmall(page)).toEqual([]);
    await page.getByRole("link", { name: /^Blood pressure/ }).click();
    const phone = visitorOf(context, page);
    await visible(phone.log.getByText("Good morning."));
    await phone.say("x".repeat(400));
    await visible(phone.log.getByText("x".repeat(400)).last());
    expect(await wide()).toBe(0);
    expect(await phone.log.evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
    expect(await tooSmall(page)).toEqual([]);
    await context.close();
  });
});

describe("in Japanese", () => {
  it("the page speaks it from the start, says so, and remembers a choice", async () => {
    const { context, page } = await clinic.stranger("/", { locale: "ja-JP" });
    await visible(page.getByRole("heading", { name: "サインイン", exact: true }));
    expect(await page.locator("html").getAttribute("lang")).toBe("ja");
    await page.getByRole("button", { name: "English" }).click();
    await visible(page.getByRole("heading", { name: "Sign in", exact: true }));
    await page.reload();
    await visible(page.getByRole("heading", { name: "Sign in", exact: true }));
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    await page.getByRole("button", { name: "日本語" }).click();
    await page.getByLabel("ユーザー名").fill("patient");
    await page.getByLabel("パスワード", { exact: true }).fill("no");
    await page.getByRole("button", { name: "サインイン", exact: true }).click();
    await visible(page.getByRole("alert").getByText("ユーザー名またはパスワードが違います。"));
    await context.close();
  });
});

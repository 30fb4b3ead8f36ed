import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Chat, HugMeDo, Session } from "../../client/sdk/index.ts";
import { type Server, startServer } from "../support/server.ts";
import { findTool } from "../support/tools.ts";

declare global {
  // What the pages of this test keep between two steps.
  var sdk: { readonly HugMeDo: typeof HugMeDo };
  var session: Session;
  var chat: Chat;
}

const entry = fileURLToPath(new URL("../../client/sdk/index.ts", import.meta.url));
let server: Server;
let browser: Browser;
let script: string;

beforeAll(async () => {
  [server, browser, script] = await Promise.all([startServer(), launch(), bundle()]);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findTool("chromium-headless-shell"),
    args: ["--no-sandbox"],
  });
}

/** The SDK as a browser gets it. A build that needs anything of Node's, or the server's schemas, fails. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: false, lib: { entry, formats: ["iife"], name: "sdk" } },
  });
  const [output] = [built].flat();
  if (!output || !("output" in output)) throw new Error("nothing was built");
  const [chunk, ...others] = output.output;
  expect(others).toEqual([]);
  expect(
    Object.keys(chunk.modules).filter((name) => /node_modules\/zod|__vite-browser-external/.test(name)),
  ).toEqual([]);
  return chunk.code;
}

/** A page of the server's origin with the SDK in it, and nothing else. */
async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await load(page);
  return page;
}

async function load(page: Page): Promise<void> {
  await page.goto(`${server.url}/healthz`);
  await page.evaluate(`${script}; globalThis.sdk = sdk; undefined`);
}

/** Takes up the session of before and joins; resolves with what is on its way once the device is read. */
async function takeUp(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const restored = await globalThis.sdk.HugMeDo.restore();
    if (!restored) throw new Error("signed out");
    globalThis.session = restored;
    globalThis.chat = restored.joinChat("demo");
    const { chat } = globalThis;
    while (chat.snapshot.outbox.length === 0) await new Promise((resolve) => chat.on("change", resolve));
    return chat.snapshot.outbox.map(({ body }) => body);
  });
}

/** The conversation once the chat is live and nothing is on its way. */
function conversation(page: Page): Promise<(string | null)[]> {
  return page.evaluate(async () => {
    const { chat } = globalThis;
    const done = () => chat.snapshot.status === "live" && chat.snapshot.outbox.length === 0;
    while (!done()) await new Promise((resolve) => chat.on("change", resolve));
    return chat.snapshot.messages.map(({ body }) => body);
  });
}

function status(page: Page, wanted: string): Promise<void> {
  return page.evaluate(async (expected) => {
    const { chat } = globalThis;
    while (chat.snapshot.status !== expected) await new Promise((resolve) => chat.on("status", resolve));
  }, wanted);
}

test("what was written offline survives a reload, and is sent once by two tabs", async () => {
  const context = await browser.newContext();
  const page = await openPage(context);
  await page.evaluate(async () => {
    globalThis.session = await globalThis.sdk.HugMeDo.signIn({
      username: "patient",
      password: "demo-patient",
    });
    globalThis.chat = globalThis.session.joinChat("demo");
  });
  await status(page, "live");
  await page.evaluate(() => globalThis.chat.send("online"));

  await context.route("**/matchmake/**", (route) => route.abort());
  await context.setOffline(true);
  await status(page, "offline");
  await page.evaluate(() => {
    void globalThis.chat.send("offline 1");
    void globalThis.chat.send("offline 2");
  });
  await context.setOffline(false);

  await load(page);
  expect(await takeUp(page)).toEqual(["offline 1", "offline 2"]);
  const tab = await openPage(context);
  expect(await takeUp(tab)).toEqual(["offline 1", "offline 2"]);

  await context.unroute("**/matchmake/**");
  const written = ["online", "offline 1", "offline 2"];
  expect(await conversation(page)).toEqual(written);
  expect(await conversation(tab)).toEqual(written);
  const cookies = await context.cookies(`${server.url}/v1/auth`);
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Strict" }]);

  await page.evaluate(() => globalThis.session.signOut());
  await status(tab, "closed");
  await load(page);
  expect(await page.evaluate(() => globalThis.sdk.HugMeDo.restore())).toBeNull();
  await context.close();
}, 60_000);

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { HugMeDo, type Session } from "../../client/sdk/index.ts";
import { en } from "../../client/web/src/lib/i18n/en.ts";
import { ja } from "../../client/web/src/lib/i18n/ja.ts";
import { createPasswords } from "../../core/platform/identity/passwords.ts";
import type { TokenReply } from "../../core/protocol/rest.ts";
import { query, startPostgres } from "../support/postgres.ts";
import { type Server, startServer } from "../support/server.ts";
import { findTool } from "../support/tools.ts";
import type { View } from "./clinic.ts";
import { setClock, type Time, timeOf } from "./morning-time.ts";

type Size = Required<Pick<View, "width" | "height">>;
export const phone: Size = { width: 390, height: 844 };
export const desktop: Size = { width: 1280, height: 860 };

/** The pictures of docs/ are taken anew: `SCREENSHOTS=1 npm test -- test/web/clinic-morning`. */
const pictures = process.env.SCREENSHOTS === "1";
const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** Patients beside those of the demo. */
const walkIns = { amara: "Amara Nwosu", lucas: "Lucas Ferreira", aoi: "山本 葵 (Aoi Yamamoto)" } as const;

/** Everyone of the morning, by username. */
export const names = {
  ...walkIns,
  patient: "佐藤 花 (Hana Sato)",
  patient2: "Daniel Okafor",
  patient3: "鈴木 健太 (Kenta Suzuki)",
  clinician: "Dr. Emma Lindqvist",
  clinician2: "田中 美咲 医師 (Dr. Misaki Tanaka)",
} as const;

/** The shipped server on PostgreSQL at nine o'clock, a browser, and six patients. */
export interface Morning {
  readonly server: Server;
  /** Somebody without a page. */
  session(username: string): Promise<Session>;
  rest<T>(username: string, path: string): Promise<T>;
  /** A page in a browser of its own, of somebody who signs in where the address leads them. */
  sits(username: string, path: string, view: View): Promise<Page>;
  /** One that nobody has signed in with. */
  stranger(url: string, view: View): Promise<Page>;
  /** The server is killed, and is back so many minutes later by everybody's clock. */
  outage(minutes: number, meanwhile: () => Promise<unknown>): Promise<void>;
  /** So many minutes go by, where pictures are taken: nobody else waits for them. */
  goesOn(minutes: number): Promise<void>;
  /** Takes a picture for docs/, where pictures are taken; `as` on a screen of another size. */
  picture(page: Page, name: string, as?: Size): Promise<void>;
  close(): Promise<void>;
}

export async function openMorning(): Promise<Morning> {
  const [postgres, browser] = await Promise.all([startPostgres(), launch()]);
  const url = await postgres.createDatabase("morning");
  const time = await timeOf(url);
  const server = await startServer({ env: { DATABASE_URL: url, DEMO: "1" } });
  await addWalkIns(url);
  const sessions = new Map<string, Promise<Session>>();

  const outage: Morning["outage"] = async (minutes, meanwhile) => {
    await server.kill();
    await meanwhile();
    await time.pass(minutes);
    const pages = browser.contexts().flatMap((context) => context.pages());
    await Promise.all(pages.map((page) => page.evaluate(setClock, minutes * 60_000)));
    await server.start();
  };
  return {
    server,
    session: (username) => {
      const known = sessions.get(username) ?? HugMeDo.signIn({ url: server.url, ...credentials(username) });
      sessions.set(username, known);
      return known;
    },
    rest: async (username, path) => {
      const { access_token } = await ask<TokenReply>(`${server.url}/v1/auth/token`, credentials(username));
      return ask(server.url + path, null, access_token);
    },
    sits: async (username, path, view) => {
      const page = await open(browser, time, server.url + path, view);
      const { password } = credentials(username);
      await page.locator("#username").fill(username);
      await page.locator("#password").fill(password);
      await page.locator("#password").press("Enter");
      await page.locator("#password").waitFor({ state: "detached" });
      return page;
    },
    stranger: (address, view) => open(browser, time, address, view),
    outage,
    goesOn: async (minutes) => {
      if (pictures) await outage(minutes, async () => undefined);
    },
    picture: async (page, name, as) => {
      if (!pictures) return;
      const before = page.viewportSize();
      if (as) await page.setViewportSize(as);
      await take(page, name);
      if (as && before) await page.setViewportSize(before);
    },
    close: async () => {
      const all = await Promise.allSettled(sessions.values());
      for (const one of all) if (one.status === "fulfilled") await one.value.signOut().catch(() => undefined);
      await browser.close();
      await server.dispose();
      await postgres.dispose();
    },
  };
}

async function open(browser: Browser, time: Time, url: string, view: View): Promise<Page> {
  const { locale = "en-US", width = 1280, height = 860, dark = false } = view;
  const small = width < 768;
  const context = await browser.newContext({
    locale,
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    ...(small ? { hasTouch: true, isMobile: true } : {}),
  });
  await context.addInitScript(setClock, time.ahead());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findTool("chromium-headless-shell"),
    args: [
      "--no-sandbox",
      "--no-first-run",
      "--disable-sync",
      "--disable-gpu",
      "--disable-background-networking",
    ],
  });
}

/** People who are in nobody's demo, with passwords that are quick to check. */
async function addWalkIns(url: string): Promise<void> {
  const passwords = createPasswords({ cost: { logN: 4, r: 8, p: 1 } });
  for (const [username, name] of Object.entries(walkIns)) {
    const password = await passwords.hash(credentials(username).password);
    await query(
      url,
      `INSERT INTO person (id, org, username, name, roles, demo, password)
       VALUES ($1, 'demo-clinic', $1, $2, '{patient}', false, $3)`,
      [username, name, password],
    );
  }
}

const credentials = (username: string) => ({ username, password: `demo-${username}` });

async function ask<T>(url: string, body: unknown, token?: string): Promise<T> {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const init = body === null ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Nothing in it that is there for a moment only. */
async function take(page: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await page.mouse.move(0, 0);
  for (const { connection, close } of [en, ja]) {
    await page.getByText(connection.back).waitFor({ state: "hidden" });
    for (const notice of await page.getByRole("button", { name: close, exact: true }).all())
      await notice.click();
  }
  await page.evaluate(() => {
    for (const box of document.querySelectorAll("main *:not([role=log], [role=log] *)")) box.scrollTop = 0;
    return document.fonts.ready;
  });
  await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled", caret: "hide" });
}

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type axeCore from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Clinic, openClinic, type View } from "./clinic.ts";
import { nameless, tooSmall, tooWide } from "./look.ts";
import { personAt } from "./waiting-rooms.ts";

declare global {
  var axe: typeof axeCore;
}

let clinic: Clinic;
let axeSource: string;

beforeAll(async () => {
  [clinic, axeSource] = await Promise.all([
    openClinic(),
    readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"),
  ]);
}, 120_000);
afterAll(() => clinic?.close());

const phone = { width: 390, height: 844 };
/** A desktop whose page is shown at 200 %. */
const enlarged = { width: 640, height: 400 };

/** What axe finds wrong (WCAG 2.2 A and AA, and its best practices), and what our own rules do. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.locator("main, #main").first().waitFor();
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
  // Nothing is judged half faded in.
  await page.addStyleTag({ content: "* { animation: none !important; transition: none !important }" });
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  const [small, wide, unnamed] = [await tooSmall(page), await tooWide(page), await nameless(page)];
  return [...found, ...small, ...(wide > 0 ? [`${wide} px too wide`] : []), ...unnamed];
}

const pages: readonly (readonly [who: string | null, path: string, shown: string | RegExp, view: View])[] = [
  [null, "/", "Sign in", phone],
  [null, "/", "サインイン", { ...enlarged, locale: "ja-JP", dark: true }],
  [null, "/join/no-such-code", /./, phone],
  ["patient", "/queues", "Waiting rooms", phone],
  ["patient", "/queues/demo", /./, { ...phone, locale: "ja-JP", dark: true }],
  ["patient", "/device-check", /./, phone],
  ["patient", "/visits/demo", /./, phone],
  ["patient", "/nowhere", "This page does not exist", phone],
  ["clinician", "/console/demo", /./, {}],
  ["clinician", "/console/demo", /./, { ...enlarged, locale: "ja-JP", dark: true }],
  ["clinician", "/visits/demo", /./, {}],
  ["clinician", "/chats/demo", /./, { ...enlarged, dark: true }],
  ["admin", "/security", "Security", { locale: "en-US" }],
  ["admin", "/chats", "会話", { ...phone, locale: "ja-JP" }],
];

it.each(pages)("%s at %s finds nothing in the way: %s %o", async (who, path, shown, view) => {
  const { context, page } =
    who === null ? await clinic.stranger(path, view) : await personAt(clinic, who, path, view);
  const words = typeof shown === "string" ? { name: shown, exact: true } : { name: shown };
  await page.getByRole("heading", words).first().waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await context.close();
});

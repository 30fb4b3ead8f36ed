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

/** What axe finds wrong by WCAG (2.2, A and AA), and what our own rules do. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
  // Nothing is judged half faded in.
  await page.addStyleTag({ content: "* { animation: none !important; transition: none !important }" });
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      resultTypes: ["violations"],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  const [small, wide, unnamed] = [await tooSmall(page), await tooWide(page), await nameless(page)];
  return [...found, ...small, ...(wide > 0 ? [`${wide} px too wide`] : []), ...unnamed];
}

const pages: readonly (readonly [path: string, who: string | null, view: View])[] = [
  ["/", null, phone],
  ["/", null, { ...enlarged, locale: "ja-JP", dark: true }],
  ["/join/no-such-code", null, phone],
  ["/queues", "patient", phone],
  ["/queues/demo", "patient", { ...phone, locale: "ja-JP", dark: true }],
  ["/device-check", "patient", phone],
  ["/visits", "patient", phone],
  ["/nowhere", "patient", phone],
  ["/console/demo", "clinician", {}],
  ["/console/demo", "clinician", { ...enlarged, locale: "ja-JP", dark: true }],
  ["/chats/demo", "clinician", { ...enlarged, dark: true }],
  ["/chats", "admin", { locale: "ja-JP" }],
  ["/security", "admin", {}],
];

it.each(pages)("nothing is in the way at %s (%s, %o)", async (path, who, view) => {
  const { context, page } =
    who === null ? await clinic.stranger(path, view) : await personAt(clinic, who, path, view);
  await page.getByRole("heading").first().waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await context.close();
});

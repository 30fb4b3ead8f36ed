import type { Page } from "playwright-core";

/** Controls that are smaller than 44 × 44 px, and text smaller than 16 px. */
export function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = (element: Element) =>
      element.checkVisibility() && !element.closest(".sr-only, dialog:not([open])");
    const controls = [
      ...document.querySelectorAll("button, a, input:not(.sr-only), textarea, select, summary"),
    ]
      .filter(shown)
      // A link inside a sentence is as high as its line, and a box or dot is pressed by its words too.
      .filter((control) => !control.closest("p"))
      .map((control) => control.closest("label") ?? control)
      .filter((control) => {
        const { width, height } = control.getBoundingClientRect();
        return width > 1 && (width < 43.9 || height < 43.9);
      });
    const texts = [...document.querySelectorAll("body *")]
      .filter(shown)
      .filter((element) =>
        [...element.childNodes].some(
          ({ nodeType, data }: Node & { data?: string }) => nodeType === 3 && data?.trim(),
        ),
      )
      .filter((element) => Number.parseFloat(getComputedStyle(element).fontSize) < 16);
    return [...controls, ...texts].map((element) => element.outerHTML.slice(0, 160));
  });
}

/** By how many px something is wider than the screen: the page, or what scrolls in it. */
export function tooWide(page: Page): Promise<number> {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll("main, main *")].filter((box) => {
      const { overflowX } = getComputedStyle(box);
      return box.checkVisibility() && (overflowX === "auto" || overflowX === "scroll");
    });
    const over = boxes.map((box) => box.scrollWidth - box.clientWidth);
    return Math.max(document.documentElement.scrollWidth - window.innerWidth, ...over);
  });
}

/** What can be pressed or filled in and has no name. */
export async function nameless(page: Page): Promise<readonly string[]> {
  const tree = await page.locator("body").ariaSnapshot();
  const controls = /^\s*- (button|link|textbox|combobox|checkbox|radio|meter)(:| \[|$)/;
  return tree.split("\n").filter((line) => controls.test(line));
}

/** Presses Tab until the focus is on an element of this accessible name. */
export async function tabTo(
  page: Page,
  role: Parameters<Page["getByRole"]>[0],
  name: string | RegExp,
): Promise<void> {
  const target = page.getByRole(role, typeof name === "string" ? { name, exact: true } : { name });
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluateAll((found) => found.some((one) => one === document.activeElement))) return;
  }
  throw new Error(`No way to "${name}" by the Tab key.`);
}

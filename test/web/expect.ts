import type { Locator } from "playwright-core";
import { expect } from "vitest";

const patience = { timeout: 20_000, interval: 50 };

/** Waits until the element can be seen; where it cannot, the error says what the page showed instead. */
export async function visible(locator: Locator): Promise<void> {
  try {
    await locator.waitFor({ state: "visible", timeout: patience.timeout });
  } catch (cause) {
    const shown = await locator.page().locator("body").ariaSnapshot();
    throw new Error(`${locator} was not seen. The page shows:\n${shown}`, { cause });
  }
}

/** Waits until the element's text, blanks joined, is this one. */
export async function expectText(locator: Locator, text: string): Promise<void> {
  await expect
    .poll(async () => (await locator.textContent())?.replace(/\s+/g, " ").trim(), patience)
    .toBe(text);
}

/** `expect.poll`, with the patience of a browser on a busy machine. */
export const eventually = <T>(read: () => Promise<T>) => expect.poll(read, patience);

export async function expectCount(locator: Locator, count: number): Promise<void> {
  await expect.poll(() => locator.count(), patience).toBe(count);
}

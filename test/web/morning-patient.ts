import type { Locator, Page } from "playwright-core";
import type { JoinReason, Waiting } from "../../client/sdk/index.ts";
import type { Dictionary } from "../../client/web/src/lib/i18n/en.ts";
import { until } from "../sdk/clinic.ts";
import type { Morning } from "./morning-clinic.ts";

/** A patient in front of their waiting page, in its language. */
export interface Patient {
  readonly page: Page;
  readonly t: Dictionary;
  /** The number of their place, as large as it is written. */
  readonly place: Locator;
  /** The estimated wait. */
  readonly wait: Locator;
  text(text: string | RegExp): Locator;
  press(name: string): Promise<void>;
  takePlace(reason: string, needs?: readonly string[]): Promise<void>;
  checkIn(location: string, contact: string): Promise<void>;
}

export function patientOf(page: Page, t: Dictionary, name: string): Patient {
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const words = t.waiting;
  return {
    page,
    t,
    place: page.getByTestId("place"),
    wait: page.getByTestId("wait"),
    text: (text) => page.getByRole("main").getByText(text, { exact: typeof text === "string" }),
    press,
    takePlace: async (reason, needs = []) => {
      await page.getByRole("textbox", { name: words.join.reason }).fill(reason);
      for (const need of needs) await page.getByRole("checkbox", { name: words.needs[need] ?? need }).check();
      await press(words.join.submit);
    },
    checkIn: async (location, contact) => {
      await page.getByRole("checkbox", { name: words.checkIn.identity(name) }).check();
      await page.getByRole("textbox", { name: words.checkIn.location }).fill(location);
      await page.getByRole("textbox", { name: words.checkIn.emergencyContact }).fill(contact);
      await press(words.checkIn.submit);
    },
  };
}

/** A patient who takes a place without a page. */
export async function waits(morning: Morning, username: string, reason: JoinReason): Promise<Waiting> {
  const waiting = (await morning.session(username)).joinQueue("demo");
  await until(waiting, ({ status }) => status === "live");
  await waiting.join(reason);
  return waiting;
}

export const checkIn = (waiting: Waiting) =>
  waiting.checkIn({ identity: true, location: "At home", emergencyContact: "The clinic has the number" });

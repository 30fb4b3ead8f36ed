import type { Locator, Page } from "playwright-core";
import type { Dictionary } from "../../client/web/src/lib/i18n/en.ts";
import type { Priority } from "../../core/domain/queue/state.ts";
import { visible } from "./expect.ts";
import { names } from "./morning-clinic.ts";

/** A clinician in front of the queue, in the language of their page. */
export interface Desk {
  readonly page: Page;
  readonly t: Dictionary["console"];
  row(name: string): Locator;
  /** The names in the order of the queue. */
  order(): Promise<readonly string[]>;
  /** "Your next step": what is said, and its buttons. */
  readonly step: Locator;
  /** A short message about what was just done, or could not be. */
  told(text: string | RegExp): Locator;
  press(name: string | RegExp): Promise<void>;
  /** Opens a patient and chooses what is to be done with them. */
  choose(patient: string, action: string): Promise<void>;
  prioritise(patient: string, priority: Priority, reason: string): Promise<void>;
  /** To the queue whose title has this. */
  transfer(patient: string, to: string): Promise<void>;
  noShow(patient: string): Promise<void>;
  call(patient: string): Promise<void>;
  resume(patient: string): Promise<void>;
  /** Calls whoever is next. */
  callNext(): Promise<void>;
  /** Lets whoever was called and has answered into a visit, and goes there. */
  admit(patient: string): Promise<void>;
  /** One of the day's figures. */
  figure(label: string): Locator;
}

export function deskOf(page: Page, { console: t }: Dictionary): Desk {
  const rows = page.locator("[data-entry]");
  const row = (name: string) => rows.filter({ hasText: name });
  const button = (name: string | RegExp, within: Locator | Page = page) =>
    within.getByRole("button", typeof name === "string" ? { name, exact: true } : { name });
  const step = page.getByRole("region", { name: t.step.label });
  const dialog = (name: string) => page.getByRole("dialog", { name });

  const choose: Desk["choose"] = async (patient, action) => {
    await row(patient).getByText(patient).click();
    await button(action, page.getByRole("complementary", { name: t.details.label(patient) })).click();
  };

  return {
    page,
    t,
    row,
    step,
    choose,
    order: async () => {
      const seen = await rows.evaluateAll((all) =>
        all
          .map((one) => ({ at: Number(one.getAttribute("aria-rowindex")), text: one.textContent ?? "" }))
          .sort((a, b) => a.at - b.at),
      );
      return seen.map(({ text }) => Object.values(names).find((name) => text.includes(name)) ?? text);
    },
    told: (text) => page.getByRole("alert").or(page.getByRole("status")).getByText(text),
    press: (name) => button(name).click(),
    prioritise: async (patient, priority, reason) => {
      await choose(patient, t.action.priority);
      const asked = dialog(t.ask.priorityTitle(patient));
      await asked.getByRole("radio", { name: t.priority[priority] }).check();
      await asked.getByRole("textbox", { name: t.ask.reason }).fill(reason);
      await button(t.ask.setPriority, asked).click();
    },
    transfer: async (patient, to) => {
      await choose(patient, t.action.transfer);
      const asked = dialog(t.ask.transferTitle(patient));
      await asked.getByRole("radio", { name: to }).check();
      await button(t.ask.transfer, asked).click();
    },
    noShow: async (patient) => {
      await choose(patient, t.action.noShow);
      await button(t.ask.noShow, dialog(t.ask.noShowTitle(patient))).click();
    },
    call: (patient) => button(t.action.callName(patient), row(patient)).click(),
    resume: (patient) => button(t.action.resumeName(patient), row(patient)).click(),
    callNext: () => button(t.step.callNext, step).click(),
    admit: async (patient) => {
      await visible(step.getByText(t.step.answered(patient)));
      await button(t.action.admit, step).click();
      await step.getByRole("link", { name: t.step.openVisit }).click();
    },
    figure: (label) =>
      page
        .getByRole("term")
        .filter({ hasText: label })
        .locator("xpath=following-sibling::dd | preceding-sibling::dd"),
  };
}

import type { Locator, Page } from "playwright-core";
import type { Dictionary } from "../../client/web/src/lib/i18n/en.ts";
import { visible } from "./expect.ts";

export const press = (within: Page | Locator, name: string) =>
  within.getByRole("button", { name, exact: true }).click();

/** On a phone the chat is a tab, which also says how much is new in it. */
export const toChat = (page: Page, t: Dictionary) =>
  page.getByRole("button", { name: new RegExp(`^${t.visit.tabs.chat}`) }).click();

/** Writes into the visit's chat. */
export async function write(page: Page, t: Dictionary, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name: t.composer.label });
  await field.fill(text);
  await field.press("Enter");
}

/** Makes a link for an interpreter, and reads it. */
export async function inviteInterpreter(page: Page, t: Dictionary, note: string): Promise<string> {
  await press(page, t.visit.tools.invite);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: t.invitation.roles.interpreter.title }).check();
  await dialog.getByRole("textbox", { name: t.invitation.label }).fill(note);
  await press(dialog, t.invitation.submit);
  const link = await dialog.getByRole("textbox", { name: t.invitation.link }).inputValue();
  await press(dialog, t.close);
  return link;
}

export async function writeNote(page: Page, t: Dictionary, body: string): Promise<void> {
  await page.getByRole("textbox", { name: t.visit.notes.label }).fill(body);
  await page.getByRole("checkbox", { name: t.visit.notes.shared }).check();
  await press(page, t.visit.notes.submit);
  await visible(page.getByText(t.visit.notes.isShared));
}

export async function endVisit(page: Page, t: Dictionary, outcome: "completed" | "referred"): Promise<void> {
  await press(page, t.visit.tools.end);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: t.visit.end.outcomes[outcome] }).check();
  await press(dialog, t.visit.end.submit);
  await visible(page.getByText(t.visit.stage.ended).first());
}

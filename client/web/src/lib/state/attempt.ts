import { rejectionOf } from "./account.svelte.ts";
import type { App } from "./app.ts";

/** Waits for the work; what is refused is shown in words. Resolves with whether it was done. */
export async function attempt(
  { notices, language }: Pick<App, "notices" | "language">,
  work: Promise<unknown>,
): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    notices.show(language.t.errors[rejectionOf(error).code], "problem");
    return false;
  }
}

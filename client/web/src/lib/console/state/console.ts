import { createContext } from "svelte";
import type { EntryView } from "../../../../../sdk/types.ts";
import type { LiveBoard } from "./live-board.svelte.ts";
import type { Reorder } from "./reorder.svelte.ts";
import type { Voice } from "./voice.svelte.ts";
import type { Work } from "./work.svelte.ts";

/** A dialog: about one patient, or about the queue. */
export type Ask =
  | {
      readonly about: "priority" | "transfer" | "notice" | "noShow" | "remove" | "admit";
      readonly entry: EntryView;
    }
  | { readonly about: "noticeAll" | "suspend" | "close" };

/** What every part of the console may ask for. */
export interface Console {
  readonly live: LiveBoard;
  readonly work: Work;
  readonly reorder: Reorder;
  readonly voice: Voice;
  /** Whether this person may say when they are on duty. */
  readonly hasDuty: boolean;
  /** Whether this person sees patients themselves. */
  readonly clinician: boolean;
  ask(ask: Ask): void;
  /** Puts a carried patient down and asks for the reason. */
  drop(): void;
}

export const [useConsole, provideConsole] = createContext<Console>();

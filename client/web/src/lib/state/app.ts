import { createContext } from "svelte";
import type { Language } from "../i18n/language.svelte.ts";
import type { Visits } from "../visit/visits.svelte.ts";
import type { Waitings } from "../waiting/waitings.svelte.ts";
import type { Account } from "./account.svelte.ts";
import type { Clock } from "./clock.svelte.ts";
import type { Inbox } from "./inbox.svelte.ts";
import type { Notices } from "./notices.svelte.ts";

/** What every part of the page may ask for. */
export interface App {
  readonly language: Language;
  readonly account: Account;
  readonly clock: Clock;
  readonly notices: Notices;
  /** What this browser keeps for us; null where it refuses. */
  readonly storage: Storage | null;
}

export const [useApp, provideApp] = createContext<App>();
export const [useInbox, provideInbox] = createContext<Inbox>();
export const [useWaitings, provideWaitings] = createContext<Waitings>();
export const [useVisits, provideVisits] = createContext<Visits>();

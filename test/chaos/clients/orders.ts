import type { Account } from "../../../bench/product.ts";

/** A conversation and who is in it: a chat's members, or a visit's patient and clinician. */
export interface Talk {
  readonly kind: "chat" | "consultation";
  readonly id: string;
  readonly people: readonly Account[];
}

/** Queues between which patients are sent, and who runs all of them. Patients begin at the queues in turn. */
export interface Clinic {
  readonly queues: readonly string[];
  readonly staff: readonly Account[];
  readonly patients: readonly Account[];
}

export interface Begin {
  readonly does: "begin";
  readonly url: string;
  /** The recording. */
  readonly file: string;
  readonly seed: number;
  readonly talks: readonly Talk[];
  readonly clinics: readonly Clinic[];
  /** Requests a second, in conversations and in queues. */
  readonly rate: { readonly talks: number; readonly queues: number };
}

/** What a process of clients is told. Times in ms. */
export type Order =
  | Begin
  | { readonly does: "start" }
  /** Breaks that share of the sockets, so many times. */
  | { readonly does: "flap"; readonly share: number; readonly times: number }
  /** One member of a conversation reads nothing for so long, while another sends that much (bytes). */
  | { readonly does: "deafen"; readonly forMs: number; readonly bytes: number }
  /** Nobody asks for anything new; resolves when everything was answered, and everyone is live. */
  | { readonly does: "rest"; readonly withinMs: number }
  /** Everyone goes, and what they were shown last is written down. */
  | { readonly does: "end"; readonly withinMs: number };

/** What it answers. `unsettled`: who had not come to rest in time, in a few words each. */
export type Answer =
  | { readonly type: "done"; readonly count: number }
  | { readonly type: "rested"; readonly unsettled: readonly string[] };

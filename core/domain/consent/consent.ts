import {
  accept,
  type Command,
  type Decision,
  type DomainEvent,
  type Feature,
  type Recorded,
} from "../feature.ts";
import type { Principal } from "../principal.ts";

/** What a person can agree to. */
export const consentKinds = ["telehealth", "recording", "observers", "sharing"] as const;
export type ConsentKind = (typeof consentKinds)[number];

/** The text that was on the screen: a version of the organisation's own. */
export interface ShownText {
  readonly version: number;
  /** BCP 47. */
  readonly language: string;
}

/** One answer of one person. `withdrawnAt` is null for as long as it holds. Times are ms since the epoch. */
export interface Consent {
  readonly person: string;
  readonly name: string;
  readonly what: ConsentKind;
  readonly givenAt: number;
  readonly withdrawnAt: number | null;
  /** What they agreed to; left out: the page's own words. */
  readonly text?: ShownText | undefined;
}

/** `<person> <what>` → the latest answer. */
export interface ConsentState {
  readonly consents: Readonly<Record<string, Consent>>;
}

export interface GiveConsent extends Command {
  readonly name: "consent.give";
  readonly id: string;
  readonly what: ConsentKind;
  readonly text?: ShownText | undefined;
}
export interface WithdrawConsent extends Command {
  readonly name: "consent.withdraw";
  readonly id: string;
  readonly what: ConsentKind;
}
export type ConsentCommand = GiveConsent | WithdrawConsent;

export interface ConsentGiven extends DomainEvent {
  readonly type: "consent.given";
  readonly name: string;
  readonly what: ConsentKind;
  readonly text?: ShownText | undefined;
}
export interface ConsentWithdrawn extends DomainEvent {
  readonly type: "consent.withdrawn";
  readonly what: ConsentKind;
}
export type ConsentEvent = ConsentGiven | ConsentWithdrawn;

export function isConsentCommand(command: Command): command is ConsentCommand {
  return command.name === "consent.give" || command.name === "consent.withdraw";
}

/** Whether the person's consent holds now. */
export function holds({ consents }: ConsentState, person: string, what: ConsentKind): boolean {
  return consents[keyOf(person, what)]?.withdrawnAt === null;
}

/** What the people of a room have agreed to, live; every change is kept in the journal. */
export const consent: Feature<ConsentState, ConsentCommand, ConsentEvent> = {
  name: "consent",
  initial: { consents: {} },
  ownsCommand: isConsentCommand,
  ownsEvent: (event): event is ConsentEvent => event.type.startsWith("consent."),
  decide,
  evolve,
  due: () => null,
};

function decide(state: ConsentState, command: ConsentCommand, by: Principal): Decision<ConsentEvent> {
  const { what } = command;
  const given = holds(state, by.id, what);
  if (command.name === "consent.give") {
    // Whoever agrees to a newer text has agreed to that.
    const known = given && isSame(textOf(state, by.id, what), command.text);
    return known ? accept() : accept({ type: "consent.given", name: by.name, what, ...shown(command) });
  }
  return given ? accept({ type: "consent.withdrawn", what }) : accept();
}

function evolve(state: ConsentState, { at, by, event }: Recorded<ConsentEvent>): ConsentState {
  const key = keyOf(by, event.what);
  const before = state.consents[key];
  if (event.type === "consent.withdrawn") {
    if (!before) return state;
    return { consents: { ...state.consents, [key]: { ...before, withdrawnAt: at } } };
  }
  const { name, what } = event;
  const given = { person: by, name, what, givenAt: at, withdrawnAt: null, ...shown(event) };
  return { consents: { ...state.consents, [key]: given } };
}

/** Left out where there is none, so that it looks as it always did. */
function shown({ text }: { readonly text?: ShownText | undefined }): { readonly text?: ShownText } {
  return text ? { text } : {};
}

function textOf({ consents }: ConsentState, person: string, what: ConsentKind): ShownText | undefined {
  return consents[keyOf(person, what)]?.text;
}

function isSame(a: ShownText | undefined, b: ShownText | undefined): boolean {
  return a?.version === b?.version && a?.language === b?.language;
}

function keyOf(person: string, what: ConsentKind): string {
  return `${person} ${what}`;
}

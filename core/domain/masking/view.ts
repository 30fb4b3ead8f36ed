import { hasRole, type Principal } from "../principal.ts";
import { type MaskKind, mask } from "./mask.ts";

/** What is known of a person that is not for everyone. */
export const personalFields = {
  /** A patient's or a guest's. Those of staff are plain to all: whoever treats somebody is known by name. */
  name: "name",
  /** How they say who they are, at check-in. */
  identity: "identifier",
  location: "address",
  emergencyContact: "contact",
  email: "email",
  phone: "phone",
} as const satisfies Readonly<Record<string, MaskKind>>;

export type PersonalField = keyof typeof personalFields;

/** Why somebody wants to see what is masked: help is to be sent, somebody is to be reached, who it is, whether it is right. */
export const unmaskReasons = ["emergency", "contact", "identity", "correction"] as const;
export type UnmaskReason = (typeof unmaskReasons)[number];

/** Whose it is. */
export interface Owned {
  readonly org: string;
  readonly person?: string | undefined;
}

type Rule = (principal: Principal, owned: Owned) => boolean;

const oneself: Rule = ({ id }, { person }) => person === id;
const system: Rule = (principal) => hasRole(principal, "system");
/** Nobody treats, calls or books a patient without the name. Whoever oversees or operates needs none. */
const works: Rule = (principal) => hasRole(principal, "clinician", "desk", "admin", "integrator");
const onlyOneself: Rule = (principal, owned) => oneself(principal, owned) || system(principal, owned);

/** Who sees it plain without asking. Everyone else sees it masked, and may ask where `identifiers.unmask` lets them. */
const plain: Readonly<Record<PersonalField, Rule>> = {
  name: (principal, owned) => onlyOneself(principal, owned) || works(principal, owned),
  identity: onlyOneself,
  location: onlyOneself,
  emergencyContact: onlyOneself,
  email: onlyOneself,
  phone: onlyOneself,
};

/** How somebody sees what is known of a person. What belongs to another organisation is never plain. */
export function view(principal: Principal, field: PersonalField, owned: Owned): "plain" | "masked" {
  return principal.org === owned.org && plain[field](principal, owned) ? "plain" : "masked";
}

/** A value as somebody sees it. */
export function seenBy(principal: Principal, field: PersonalField, owned: Owned, value: string): string {
  return view(principal, field, owned) === "plain" ? value : mask(personalFields[field], value);
}

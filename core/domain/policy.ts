import type { MemberRole } from "./conversation/state.ts";
import { hasRole, type Principal, type Role } from "./principal.ts";

/** What is being acted on, as far as the rules care. */
export interface Resource {
  readonly org: string;
  /** The principal's own place in the conversation; null: not a member. */
  readonly membership?: MemberRole | null;
  /** Who wrote the message acted on. */
  readonly author?: string | undefined;
  /** The person acted on, for changes of membership. */
  readonly person?: string;
}

type Rule = (principal: Principal, resource: Resource) => boolean;

const role =
  (...wanted: readonly Role[]): Rule =>
  (principal) =>
    hasRole(principal, ...wanted);

const member =
  (...wanted: readonly MemberRole[]): Rule =>
  (_, { membership }) =>
    membership != null && (wanted.length === 0 || wanted.includes(membership));

const author: Rule = (principal, resource) => resource.author === principal.id;
const oneself: Rule = (principal, resource) => resource.person === principal.id;

const all =
  (...rules: readonly Rule[]): Rule =>
  (principal, resource) =>
    rules.every((rule) => rule(principal, resource));
const any =
  (...rules: readonly Rule[]): Rule =>
  (principal, resource) =>
    rules.some((rule) => rule(principal, resource));

const writer = member("admin", "member");

/** Who may do what. Everything not named here is denied, and so is every resource of another organisation. */
export const policies = {
  "chat.create": role("clinician", "desk", "admin", "integrator", "system"),
  "chat.join": member(),
  "chat.resume": member(),
  "chat.read": member(),
  "chat.typing": writer,
  "chat.send": writer,
  "chat.react": writer,
  "chat.edit": all(writer, author),
  "chat.delete": any(member("admin"), all(writer, author)),
  "chat.member": any(member("admin"), all(member(), oneself)),
  "chat.versions": any(member("admin"), all(member(), author)),
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof policies;

export function isAction(value: string): value is Action {
  return Object.hasOwn(policies, value);
}

/** The one question every guard asks. */
export function can(principal: Principal, action: Action, resource: Resource): boolean {
  return principal.org === resource.org && policies[action](principal, resource);
}

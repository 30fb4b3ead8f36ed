import type { MemberRole } from "./conversation/state.ts";
import { hasRole, type Principal, type Role } from "./principal.ts";
import { isWithinScopes } from "./scopes.ts";
import type { VisitRole } from "./visit/state.ts";

/** What is being acted on, as far as the rules care. */
export interface Resource {
  readonly org: string;
  /** The principal's own place in the conversation; null: not a member. */
  readonly membership?: MemberRole | null;
  /** Who wrote the message acted on. */
  readonly author?: string | undefined;
  /** The person acted on, for changes of membership. */
  readonly person?: string;
  /** Whether the principal is of this queue's staff. */
  readonly staff?: boolean;
  /** What the principal is in this visit; null: nothing, or no longer. */
  readonly visitRole?: VisitRole | null;
  /** Whether they are inside, and not at the door. */
  readonly inside?: boolean;
  /** Whether the principal has broken the glass for it, which still holds. */
  readonly emergency?: boolean;
}

/** Whether a principal may do something to a resource of their own organisation. */
export type Rule = (principal: Principal, resource: Resource) => boolean;

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
const patient = role("patient");
const queueStaff = any(
  role("admin"),
  all(role("clinician", "desk"), (_, { staff }) => staff === true),
);
const inVisit =
  (...wanted: readonly VisitRole[]): Rule =>
  (_, { visitRole }) =>
    visitRole != null && (wanted.length === 0 || wanted.includes(visitRole));
const inside: Rule = (_, resource) => resource.inside === true;
const treating = all(inVisit("clinician"), inside);
const system = role("system");
/** Who has no part in a room and must see it now: to read, never to write. */
const emergency = all(role("clinician", "admin"), (_, resource) => resource.emergency === true);

/** The cluster serves many organisations: no administrator of one of them may touch it. */
const operator = role("operator");

/** Guests were invited to one visit: they see that, and nothing else of the organisation. */
const notGuest: Rule = (principal) => !hasRole(principal, "guest");

/** Who may do what. Everything not named here is denied, and so is every resource of another organisation. */
export const policies = {
  "people.list": notGuest,
  "people.read": role("admin"),
  "people.create": role("admin"),
  "people.change": role("admin"),
  "people.disable": role("admin"),
  "org.read": role("admin"),
  "org.change": role("admin"),
  "breakGlass.open": role("clinician", "admin"),
  "breakGlass.list": role("admin", "auditor"),
  "chat.list": notGuest,
  "chat.create": role("clinician", "desk", "admin", "integrator", "system"),
  "chat.join": member(),
  "chat.resume": any(member(), emergency),
  "chat.read": member(),
  "chat.typing": writer,
  "chat.send": writer,
  "chat.react": writer,
  "chat.edit": all(writer, author),
  "chat.delete": any(member("admin"), all(writer, author)),
  "chat.member": any(member("admin"), all(member(), oneself)),
  "chat.versions": any(member("admin"), all(member(), author)),
  "files.create": writer,
  "files.read": member(),
  "files.change": all(writer, author),
  "queue.create": role("desk", "admin", "integrator", "system"),
  "queue.list": role("patient", "clinician", "desk", "admin", "integrator"),
  "queue.enter": any(patient, queueStaff),
  "queue.join": patient,
  "queue.checkIn": patient,
  "queue.confirm": patient,
  "queue.leave": patient,
  "queue.call": queueStaff,
  "queue.admit": queueStaff,
  "queue.hold": queueStaff,
  "queue.resume": queueStaff,
  "queue.move": queueStaff,
  "queue.prioritise": queueStaff,
  "queue.transfer": queueStaff,
  "queue.notify": queueStaff,
  "queue.noShow": queueStaff,
  "queue.remove": queueStaff,
  "queue.open": queueStaff,
  "queue.suspend": queueStaff,
  "queue.close": queueStaff,
  "queue.duty": all(queueStaff, role("clinician", "desk")),
  "queue.metrics": any(queueStaff, role("integrator")),
  /** Reading what a patient gave at check-in, which is masked until then. Every such read is recorded. */
  "identifiers.unmask": queueStaff,
  "queue.configure": any(role("admin"), all(role("desk"), queueStaff)),
  "queue.staff": any(role("admin"), all(role("desk"), queueStaff)),
  "queue.arrive": system,
  "queue.decline": system,
  "queue.settle": system,
  "queue.due": system,
  "queue.presence": system,
  "queue.wake": system,
  "queue.used": system,
  "queue.served": system,
  "visit.create": role("clinician", "desk", "admin", "integrator", "system"),
  "visit.list": role("patient", "guest", "clinician", "desk", "admin", "integrator"),
  "visit.listAll": role("clinician", "desk", "admin", "integrator"),
  "visit.reschedule": any(treating, role("desk", "admin", "integrator")),
  "visit.cancel": any(treating, role("desk", "admin", "integrator")),
  "visit.enter": inVisit(),
  "visit.knock": inVisit(),
  "visit.admit": treating,
  "visit.remove": treating,
  "visit.lock": treating,
  "visit.hold": treating,
  "visit.invite": any(treating, role("desk", "admin")),
  "visit.revoke": any(treating, role("desk", "admin")),
  "visit.transfer": any(treating, role("desk", "admin")),
  "visit.note": treating,
  "visit.start": treating,
  "visit.end": treating,
  "visit.survey": inVisit("patient"),
  "visit.media": inside,
  "media.join": inside,
  "media.leave": inside,
  "media.failed": inside,
  "media.signal": inside,
  "media.mute": treating,
  "media.order": role("admin"),
  "media.opened": system,
  "media.unavailable": system,
  "media.lost": system,
  "media.closed": system,
  "media.due": system,
  "recording.start": treating,
  "recording.stop": treating,
  "recording.report": treating,
  "recording.started": system,
  "recording.halted": system,
  "recording.lost": system,
  "recording.sealed": system,
  "recording.removed": system,
  "recording.keep": system,
  "recording.due": system,
  /** That there are recordings, and what they are; reading one is for those who treat, and administrators. The engine asks in emergencies. */
  "recordings.list": any(inVisit("patient", "clinician"), role("admin", "system"), emergency),
  "recordings.read": any(inVisit("clinician"), role("admin")),
  "visit.summary": any(inside, role("desk", "admin", "system"), emergency),
  "visit.accept": system,
  "visit.arrive": system,
  "visit.decline": system,
  "visit.due": system,
  "visit.presence": system,
  "visit.wake": system,
  "visit.report": system,
  "consent.give": inside,
  "consent.withdraw": inside,
  /** A person's sign-ins: the person themselves need not ask. */
  "sessions.list": role("admin"),
  "sessions.end": role("admin"),
  /** Takes a second factor away, of somebody who has lost it. */
  "sessions.reset": role("admin"),
  /** Says of whom a second factor is wanted. */
  "sessions.require": role("admin"),
  "clients.list": role("admin"),
  "clients.create": role("admin"),
  "clients.change": role("admin"),
  "clients.revoke": role("admin"),
  "events.read": role("admin", "integrator"),
  "webhooks.manage": role("admin", "integrator"),
  "room.history": any(role("auditor", "admin"), emergency),
  "audit.read": role("auditor", "admin"),
  "audit.verify": role("auditor", "admin"),
  "audit.export": role("auditor", "admin"),
  "retention.read": role("auditor", "admin"),
  "retention.change": role("admin"),
  "holds.list": role("auditor", "admin"),
  "holds.place": role("admin"),
  "holds.lift": role("admin"),
  "erasure.list": role("auditor", "admin"),
  "erasure.request": role("admin"),
  "erasure.cancel": role("admin"),
  "consentTexts.change": role("admin"),
  /** What is found is what they may read; see the search. */
  "search.query": role("patient", "guest", "clinician", "desk", "admin", "integrator"),
  /** It serves every organisation. */
  "search.rebuild": operator,
  "cluster.view": operator,
  "cluster.control": operator,
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof policies;

export function isAction(value: string): value is Action {
  return Object.hasOwn(policies, value);
}

/** The one question every guard asks. */
export function can(principal: Principal, action: Action, resource: Resource): boolean {
  return allows(policies[action], principal, resource) && isWithinScopes(principal, action);
}

/** The first wall: no rule is asked about another organisation's resources. */
export function allows(rule: Rule, principal: Principal, resource: Resource): boolean {
  return principal.org === resource.org && rule(principal, resource);
}

import { createHash } from "node:crypto";
import type { z } from "zod";
import type { ConsentCommand, ShownText } from "../../core/domain/consent/consent.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import { hasRole } from "../../core/domain/principal.ts";
import type {
  Accept,
  AdmitParticipant,
  ArriveInVisit,
  CancelVisit,
  ChangeMedia,
  DeclineAdmission,
  EndVisit,
  GiveSurvey,
  HoldVisit,
  Knock,
  LockVisit,
  RemoveParticipant,
  RescheduleVisit,
  Revoke,
  StartVisit,
  TakeNote,
  VisitCommand,
} from "../../core/domain/visit/commands.ts";
import { invitationMs } from "../../core/domain/visit/state.ts";
import { visitRequests } from "../../core/protocol/visit.ts";
import { command, query } from "../actor/request-guards.ts";
import type { Asked, RequestGuard } from "../actor/room-kind.ts";
import { authoriseVisit } from "./visit-policy.ts";
import { summarise } from "./visit-summary.ts";

/** What a visit has to look up outside its own state. */
export interface VisitLookups {
  /** The names of people of an organisation; those it has not are left out. */
  names(org: string, people: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those of them who are clinicians. */
  clinicians(org: string, people: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Whether the organisation has this version of a text of consent. */
  hasConsentText(org: string, kind: string, text: ShownText): Promise<boolean>;
}

type Guard = RequestGuard<ConsultationState>;
type Here = Asked<ConsultationState>;

/** How each request of a visit is parsed and completed. */
export function visitGuards(lookups: VisitLookups): Readonly<Record<string, Guard>> {
  return {
    ...peopleGuards(lookups),
    ...consentGuards(lookups),
    ...invitationGuards(),
    ...courseGuards(),
    "visit.summary": query({
      schema: visitRequests["visit.summary"],
      authorise: (_, { state, by }: Here) => authoriseVisit(state, "visit.summary", by),
      answer: async (_, { state, by }) => {
        const staff = hasRole(by, "clinician", "desk", "admin", "system");
        return summarise(state, { person: by.id, staff });
      },
    }),
  };
}

function peopleGuards({ names, clinicians }: VisitLookups): Readonly<Record<string, Guard>> {
  return {
    "visit.create": command({
      schema: visitRequests["visit.create"],
      prepare: async ({ id, patient, clinician, at, minutes, reason }, { by }: Here) => {
        const wanted = clinician === undefined ? [] : [clinician];
        const [patients, doctors] = await Promise.all([names(by.org, [patient]), clinicians(by.org, wanted)]);
        return {
          name: "visit.create",
          id,
          patient: named(patients, patient),
          clinician: clinician === undefined ? null : named(doctors, clinician),
          reason,
          schedule: at === undefined ? null : { at, minutes },
        } satisfies VisitCommand;
      },
    }),
    "visit.transfer": command({
      schema: visitRequests["visit.transfer"],
      prepare: async ({ id, to }, { by }: Here) => {
        const name = (await clinicians(by.org, [to])).get(to);
        const whom = name === undefined ? null : { person: to, name };
        return { name: "visit.transfer", id, to: whom } satisfies VisitCommand;
      },
    }),
    "visit.knock": plain<Knock>("visit.knock", visitRequests["visit.knock"]),
    "visit.admit": plain<AdmitParticipant>("visit.admit", visitRequests["visit.admit"]),
    "visit.remove": plain<RemoveParticipant>("visit.remove", visitRequests["visit.remove"]),
    "visit.lock": plain<LockVisit>("visit.lock", visitRequests["visit.lock"]),
    "visit.hold": plain<HoldVisit>("visit.hold", visitRequests["visit.hold"]),
    "visit.media": plain<ChangeMedia>("visit.media", visitRequests["visit.media"]),
  };
}

/**
 * Who was shown a version of a text can agree to it for as long as it is there, also once there is a newer one: they may have been away
 * meanwhile, and versions stay. What is looked up has been before it is decided, and what was agreed to is in the event: a replay looks up nothing.
 */
function consentGuards({ hasConsentText }: VisitLookups): Readonly<Record<string, Guard>> {
  const known = async (command: Consenting<"consent.give">, text: ShownText, org: string) => {
    if (!(await hasConsentText(org, command.what, text))) throw new DomainError("consent_text_not_found");
    return command;
  };
  return {
    "consent.give": command({
      schema: visitRequests["consent.give"],
      prepare: (payload, { by }: Here) => {
        const asked: Consenting<"consent.give"> = { ...payload, name: "consent.give" };
        return asked.text ? known(asked, asked.text, by.org) : asked;
      },
    }),
    "consent.withdraw": plain<Consenting<"consent.withdraw">>(
      "consent.withdraw",
      visitRequests["consent.withdraw"],
    ),
  };
}

function invitationGuards(): Readonly<Record<string, Guard>> {
  return {
    "visit.invite": command({
      schema: visitRequests["visit.invite"],
      prepare: ({ id, role, label = "", expiresInSeconds }, here: Here) => {
        const { invitation, code } = codeOf(here, id);
        const lastsMs = expiresInSeconds === undefined ? invitationMs : expiresInSeconds * 1_000;
        const hash = hashOf(code);
        return { name: "visit.invite", id, role, label, invitation, hash, lastsMs } satisfies VisitCommand;
      },
      reply: ({ id }, here: Here) => codeOf(here, id),
    }),
    "visit.revoke": plain<Revoke>("visit.revoke", visitRequests["visit.revoke"]),
    "visit.accept": plain<Accept>("visit.accept", visitRequests["visit.accept"]),
  };
}

function courseGuards(): Readonly<Record<string, Guard>> {
  return {
    "visit.reschedule": plain<RescheduleVisit>("visit.reschedule", visitRequests["visit.reschedule"]),
    "visit.cancel": plain<CancelVisit>("visit.cancel", visitRequests["visit.cancel"]),
    "visit.start": plain<StartVisit>("visit.start", visitRequests["visit.start"]),
    "visit.end": plain<EndVisit>("visit.end", visitRequests["visit.end"]),
    "visit.note": plain<TakeNote>("visit.note", visitRequests["visit.note"]),
    "visit.survey": plain<GiveSurvey>("visit.survey", visitRequests["visit.survey"]),
    "visit.arrive": plain<ArriveInVisit>("visit.arrive", visitRequests["visit.arrive"]),
    "visit.decline": plain<DeclineAdmission>("visit.decline", visitRequests["visit.decline"]),
  };
}

type Consenting<N extends ConsentCommand["name"]> = Extract<ConsentCommand, { readonly name: N }>;

/** A request whose payload says all that the command needs. */
function plain<C extends VisitCommand | ConsentCommand>(
  name: C["name"],
  schema: z.ZodType<Omit<C, "name"> & { readonly id: string }>,
): Guard {
  return command({ schema, prepare: (payload, _: Here) => ({ ...payload, name }) });
}

function named(known: ReadonlyMap<string, string>, person: string) {
  const name = known.get(person);
  if (name === undefined) throw new DomainError("person_not_found");
  return { person, name };
}

/**
 * The code of an invitation: an HMAC of room, principal and command id, so that a repeated request gives the
 * same one. It is `<visit>.<invitation>.<secret>`, shown once; the visit keeps its hash alone.
 */
function codeOf({ ref, by, mac }: Here, id: string): { readonly invitation: string; readonly code: string } {
  const about = `${ref.id} ${by.id} ${id}`;
  const invitation = mac(`invitation ${about}`).toString("hex").slice(0, 16);
  const secret = mac(`secret ${about}`).toString("base64url");
  return { invitation, code: `${ref.id}.${invitation}.${secret}` };
}

function hashOf(code: string): string {
  return createHash("sha256").update(code).digest("base64url");
}

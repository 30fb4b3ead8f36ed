import type { Principal } from "../principal.ts";
import { isVisitRole } from "../visit/state.ts";
import { type PersonalField, seenBy } from "./view.ts";

const contacts = ["identity", "location", "emergencyContact", "email", "phone"] as const;
const isContact = (key: string): key is (typeof contacts)[number] => contacts.some((one) => one === key);

/**
 * What was kept of a room, as somebody sees it: its state at a moment, or what an event says. A name is a patient's where the same
 * record says which patient it is of, or a guest's where it says what they are in a visit.
 */
export function maskRecord(principal: Principal, org: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => maskRecord(principal, org, one));
  if (typeof value !== "object" || value === null) return value;
  const record = new Map(Object.entries(value));
  const person = personOf(record);
  const seen = (field: PersonalField, text: string) => seenBy(principal, field, { org, person }, text);
  return Object.fromEntries(
    [...record].map(([key, inner]) => {
      if (typeof inner === "string" && isContact(key)) return [key, seen(key, inner)];
      if (typeof inner === "string" && key === "name" && isOfPatient(record)) return [key, seen("name", inner)];
      if (typeof inner === "string" && key === "patientName") return [key, seen("name", inner)];
      return [key, maskRecord(principal, org, inner)];
    }),
  );
}

function personOf(record: ReadonlyMap<string, unknown>): string | undefined {
  const named = record.get("patient") ?? record.get("person");
  return typeof named === "string" ? named : undefined;
}

function isOfPatient(record: ReadonlyMap<string, unknown>): boolean {
  const role = record.get("role");
  if (typeof role === "string" && isVisitRole(role)) return role !== "clinician";
  return typeof record.get("patient") === "string";
}

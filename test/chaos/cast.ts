import { randomUUID } from "node:crypto";
import { type Account, post } from "../../bench/product.ts";
import type { Clinic, Talk } from "./clients/orders.ts";
import type { Cast } from "./stage/stage.ts";

/** How much there is of everything. */
export interface Shape {
  readonly processes: number;
  readonly chats: number;
  readonly membersPerChat: number;
  /** Visits that go on all the time. Others begin and end with the patients whom the clinics admit. */
  readonly visits: number;
  readonly clinics: number;
  /** Requests a second, in conversations and in queues. */
  readonly rate: { readonly talks: number; readonly queues: number };
}

const queuesPerClinic = 2;
const staffPerClinic = 2;
const patientsPerClinic = 8;

const name = {
  member: (chat: number, n: number) => `member-${chat}-${n}`,
  patient: (visit: number) => `visitor-${visit}`,
  doctor: (visit: number) => `doctor-${visit}`,
  staff: (clinic: number, n: number) => `staff-${clinic}-${n}`,
  waiting: (clinic: number, n: number) => `patient-${clinic}-${n}`,
};
const admin = "admin";
const operator = "operator";

const count = <T>(length: number, make: (n: number) => T): T[] => Array.from({ length }, (_, n) => make(n));

/** Everyone who takes part. */
export function castOf({ chats, membersPerChat, visits, clinics }: Shape): Cast {
  const members = count(chats, (chat) => count(membersPerChat, (n) => name.member(chat, n))).flat();
  return {
    patient: [
      ...count(visits, name.patient),
      ...count(clinics, (clinic) => count(patientsPerClinic, (n) => name.waiting(clinic, n))).flat(),
    ],
    clinician: [
      ...members,
      ...count(visits, name.doctor),
      ...count(clinics, (clinic) => count(staffPerClinic, (n) => name.staff(clinic, n))).flat(),
    ],
    admin: [admin],
    operator: [operator],
  };
}

/** The rooms, and who is in which. */
export interface Rooms {
  readonly talks: readonly Talk[];
  readonly clinics: readonly Clinic[];
  /** Whoever may read every chat. */
  readonly admin: Account;
  readonly operator: Account;
}

/** Nobody's place ends because a connection was gone for long. */
const settings = {
  callSeconds: 30,
  noShowSeconds: 3_600,
  graceSeconds: 3_600,
  awaySeconds: 86_400,
  holdSeconds: 60,
  longWaitSeconds: 3_600,
};

/** Makes them, in the administrator's name. */
export async function makeRooms(
  url: string,
  shape: Shape,
  people: ReadonlyMap<string, Account>,
): Promise<Rooms> {
  const who = (person: string): Account => {
    const account = people.get(person);
    if (!account) throw new Error(`there is no ${person}`);
    return account;
  };
  const make = async (path: string, body: object): Promise<string> => {
    const made = await post(`${url}${path}`, who(admin).token, { id: randomUUID(), ...body });
    return String(made.id);
  };
  const talks: Talk[] = [];
  for (let chat = 0; chat < shape.chats; chat += 1) {
    const members = count(shape.membersPerChat, (n) => who(name.member(chat, n)));
    const body = {
      title: `Chat ${chat}`,
      members: members.map(({ person }) => ({ person, role: "member" })),
    };
    talks.push({ kind: "chat", id: await make("/v1/chats", body), people: members });
  }
  for (let visit = 0; visit < shape.visits; visit += 1) {
    const [patient, clinician] = [who(name.patient(visit)), who(name.doctor(visit))];
    const body = { patient: patient.person, clinician: clinician.person, reason: "a long talk" };
    talks.push({ kind: "consultation", id: await make("/v1/visits", body), people: [patient, clinician] });
  }
  const clinics: Clinic[] = [];
  for (let clinic = 0; clinic < shape.clinics; clinic += 1) {
    const staff = count(staffPerClinic, (n) => who(name.staff(clinic, n)));
    const queues: string[] = [];
    for (let n = 0; n < queuesPerClinic; n += 1) {
      const body = {
        settings: { title: `Queue ${clinic}/${n}`, ...settings },
        staff: staff.map(({ person }) => person),
      };
      queues.push(await make("/v1/queues", body));
    }
    clinics.push({ queues, staff, patients: count(patientsPerClinic, (n) => who(name.waiting(clinic, n))) });
  }
  return { talks, clinics, admin: who(admin), operator: who(operator) };
}

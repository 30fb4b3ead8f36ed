import type { Role } from "../../domain/principal.ts";
import type { PeopleRepository } from "../repositories/people.ts";
import type { Passwords } from "./passwords.ts";

export const demoOrg = { id: "demo-clinic", name: "Demo Clinic" } as const;

interface DemoPerson {
  readonly username: string;
  readonly name: string;
  readonly role: Role;
}

/** An account for trying things out, as the sign-in page shows it. */
export interface DemoAccount extends DemoPerson {
  readonly password: string;
}

const demoPeople: readonly DemoPerson[] = [
  { username: "patient", name: "佐藤 花 (Hana Sato)", role: "patient" },
  { username: "patient2", name: "Daniel Okafor", role: "patient" },
  { username: "patient3", name: "鈴木 健太 (Kenta Suzuki)", role: "patient" },
  { username: "clinician", name: "Dr. Emma Lindqvist", role: "clinician" },
  { username: "clinician2", name: "田中 美咲 医師 (Dr. Misaki Tanaka)", role: "clinician" },
  { username: "desk", name: "高橋 由美 (Yumi Takahashi)", role: "desk" },
  { username: "admin", name: "Priya Raman", role: "admin" },
  { username: "operator", name: "Jonas Weber", role: "operator" },
  { username: "auditor", name: "伊藤 直樹 (Naoki Ito)", role: "auditor" },
];

const passwordOf = (username: string) => `demo-${username}`;

/** Adds the demo organisation and those of its people that are missing. Each person's id is the username. */
export async function seedPeople(people: PeopleRepository, passwords: Passwords): Promise<void> {
  await people.ensureOrg(demoOrg.id, demoOrg.name);
  const present = new Set((await people.demo()).map((person) => person.id));
  const missing = demoPeople.filter(({ username }) => !present.has(username));
  await Promise.all(
    missing.map(async ({ username, name, role }) =>
      people.add({
        id: username,
        org: demoOrg.id,
        username,
        name,
        roles: [role],
        demo: true,
        password: await passwords.hash(passwordOf(username)),
      }),
    ),
  );
}

/** The demo accounts that are in the database. */
export async function demoAccounts(people: PeopleRepository): Promise<DemoAccount[]> {
  const present = new Set((await people.demo()).map((person) => person.id));
  return demoPeople
    .filter(({ username }) => present.has(username))
    .map((person) => ({ ...person, password: passwordOf(person.username) }));
}

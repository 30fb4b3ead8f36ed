import { DomainError } from "../core/domain/errors.ts";
import { systemPrincipal } from "../core/domain/principal.ts";
import type { Directory, NewRoom } from "../rooms/cluster/directory.ts";
import type { Context } from "./context.ts";

const org = "demo-clinic";
const id = "demo-seed";
const members = [
  { person: "clinician", role: "admin" },
  { person: "clinician2", role: "member" },
  { person: "desk", role: "member" },
  { person: "patient", role: "member" },
  { person: "patient2", role: "member" },
] as const;
const staff = ["clinician", "clinician2", "desk"];
const asks = ["identity", "location", "emergencyContact"];

/** A chat, two queues and a visit, so that there is something to try. */
const rooms: readonly NewRoom[] = [
  { kind: "chat", id: "demo", payload: { id, title: "Demo Clinic 相談室", members } },
  {
    kind: "waiting",
    id: "demo",
    payload: { id, settings: { title: "Demo Clinic 総合受付 (General)", asks, expectedMinutes: 10 }, staff },
  },
  {
    kind: "waiting",
    id: "demo-skin",
    payload: { id, settings: { title: "Demo Clinic 皮膚科 (Dermatology)", expectedMinutes: 15 }, staff },
  },
  {
    kind: "consultation",
    id: "demo",
    subject: "patient",
    payload: { id, patient: "patient", clinician: "clinician", reason: "再診 (follow-up)" },
  },
];

/** The demo organisation with its accounts and rooms. Seeding again changes nothing. */
export async function seedDemo({ identity }: Context, directory: Directory): Promise<void> {
  await identity.seedDemo();
  for (const room of rooms) {
    try {
      await directory.create(systemPrincipal(org), room);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "already_exists") throw error;
    }
  }
}

import { DomainError } from "../core/domain/errors.ts";
import { systemPrincipal } from "../core/domain/principal.ts";
import type { Directory } from "../rooms/cluster/directory.ts";
import type { Context } from "./context.ts";

const org = "demo-clinic";
const members = [
  { person: "clinician", role: "admin" },
  { person: "clinician2", role: "member" },
  { person: "desk", role: "member" },
  { person: "patient", role: "member" },
  { person: "patient2", role: "member" },
] as const;
const payload = { id: "demo-seed", title: "Demo Clinic 相談室", members };

/** The demo organisation with its accounts, and the chat `demo`. Seeding again changes nothing. */
export async function seedDemo({ identity }: Context, directory: Directory): Promise<void> {
  await identity.seedDemo();
  try {
    await directory.create(systemPrincipal(org), { kind: "chat", id: "demo", payload });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "already_exists") throw error;
  }
}

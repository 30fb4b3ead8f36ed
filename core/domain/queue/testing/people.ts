import { type Principal, type Role, systemPrincipal } from "../../principal.ts";

export function person(id: string, ...roles: readonly Role[]): Principal {
  return { org: "clinic", id, name: id.toUpperCase(), roles, session: id };
}

export const engine = systemPrincipal("clinic");
export const ito = person("ito", "clinician");
export const abe = person("abe", "clinician");
export const desk = person("desk", "desk");
export const [anna, ben, chie] = [
  person("anna", "patient"),
  person("ben", "patient"),
  person("chie", "patient"),
];

/** How staff are written down. */
export function named({ id, name }: Principal) {
  return { person: id, name };
}

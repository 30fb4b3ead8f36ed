import { groups, type Relation, type Row, relationNames } from "../policy-table.ts";
import { type Role, roles } from "../principal.ts";

/**
 * Reads a line of the expectations: clauses that add up, parted by `;`. Each names who (roles, `anyone`, or `anyone but` some
 * roles), and after ` as ` in which relations; without, in any. Relations are named one by one or as `groups` has them.
 */
export function expectedRow(line: string): Row {
  const row = new Map(roles.map((role) => [role, new Set<Relation>()]));
  for (const clause of line === "nobody" ? [] : line.split(";")) {
    const [who = "", as] = clause.trim().split(" as ");
    const allowed = as === undefined ? relationNames : as.split(",").flatMap((name) => related(name.trim()));
    for (const role of rolesOf(who)) for (const relation of allowed) row.get(role)?.add(relation);
  }
  return row;
}

const all: readonly Role[] = roles;

function rolesOf(who: string): readonly Role[] {
  if (who === "anyone") return all;
  const [, but] = who.split("anyone but ");
  const named = (but ?? who).split(",").map((name) => roleOf(name.trim()));
  return but === undefined ? named : all.filter((role) => !named.includes(role));
}

function roleOf(name: string): Role {
  const known = all.find((role) => role === name);
  if (!known) throw new Error(`there is no role "${name}"`);
  return known;
}

function related(name: string): readonly Relation[] {
  const [, group] = groups.find(([one]) => one === name) ?? [];
  if (group) return group;
  const known = relationNames.find((relation) => relation === name);
  if (!known) throw new Error(`there is no relation "${name}"`);
  return [known];
}

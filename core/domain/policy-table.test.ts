import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allows, can, isAction, policies, type Rule } from "./policy.ts";
import {
  type Judge,
  principalWith,
  printedPage,
  type Relation,
  relationNames,
  resourceOf,
  rowOf,
} from "./policy-table.ts";
import { hasRole, type Role, roles } from "./principal.ts";
import { expectedRow } from "./testing/expected-row.ts";
import { whoMay } from "./testing/who-may.ts";

const actions = Object.keys(policies).filter(isAction);
const where = "core/domain/testing/who-may.ts";

/** What of a judgement is not as it is expected, in words; empty: all of it is. */
function differences(line: string, judge: Judge): string[] {
  const expected = expectedRow(line);
  const row = rowOf(judge);
  const own = roles.flatMap((role) =>
    relationNames
      .filter((relation) => row.get(role)?.has(relation) !== expected.get(role)?.has(relation))
      .map((relation) => `${role} as ${relation}: ${row.get(role)?.has(relation) ? "may" : "may not"}`),
  );
  const foreign = [...roles, null].flatMap((role) =>
    relationNames
      .filter((relation) => judge(principalWith(role), resourceOf(relation, "foreign")))
      .map((relation) => `${role} as ${relation} of another organisation: may`),
  );
  return [...own, ...foreign];
}

const judgeOf =
  (rule: Rule): Judge =>
  (principal, resource) =>
    allows(rule, principal, resource);

describe("who may do what", () => {
  it(`is told for every action in ${where}`, () => {
    const untold = actions.filter((action) => !Object.hasOwn(whoMay, action));
    expect(untold, `add a line for each of these to ${where}`).toEqual([]);
    const unknown = Object.keys(whoMay).filter((action) => !isAction(action));
    expect(unknown, `no rule has these names, remove them from ${where}`).toEqual([]);
  });

  it.each(actions)("%s: as expected for every role and relation, own and foreign", (action) => {
    // Of an integrator's rights, scopes take some away: `scopes.test.ts`.
    const judge: Judge = (principal, resource) =>
      hasRole(principal, "integrator")
        ? allows(policies[action], principal, resource)
        : can(principal, action, resource);
    expect(differences(whoMay[action] ?? "nobody", judge), `compare ${where}`).toEqual([]);
  });

  it("is nobody by default: no role, no relation, no such action", () => {
    const nobody = principalWith(null);
    const open = actions.filter((action) => can(nobody, action, resourceOf("outsider", "own")));
    // What guests alone are kept from.
    expect(open).toEqual(actions.filter((action) => whoMay[action] === "anyone but guest"));
    for (const name of ["", "chat.destroy", "constructor", "__proto__", "toString", "Chat.send"]) {
      expect(isAction(name), name).toBe(false);
    }
    const unheard = { ...nobody, roles: ["root"] };
    // @ts-expect-error -- a token may name a role that we do not know.
    expect(actions.filter((action) => can(unheard, action, resourceOf("outsider", "own")))).toEqual(open);
  });

  it("is printed in docs/access.md; if not, run `npm run policies`", () => {
    const page = readFileSync(new URL("../../docs/access.md", import.meta.url), "utf8");
    expect(printedPage(page)).toBe(page);
  });
});

/** Ways in which a rule may be wrong. */
interface Mutant {
  readonly fault: string;
  readonly judge: Judge;
}

function mutantsOf(rule: Rule): readonly Mutant[] {
  const row = rowOf(judgeOf(rule));
  const within = (fault: string, mutated: Rule): Mutant => ({ fault, judge: judgeOf(mutated) });
  const may = (role: Role): ReadonlySet<Relation> => row.get(role) ?? new Set();
  const inRelation = (resource: Parameters<Rule>[1], relation: Relation): boolean =>
    JSON.stringify(resource) === JSON.stringify(resourceOf(relation, "own"));
  const anyRelation: Rule = (principal) =>
    relationNames.some((relation) => rule(principal, resourceOf(relation, "own")));
  const known = (relation: Relation): boolean => roles.some((role) => may(role).has(relation));
  return [
    within("everybody may", () => true),
    within("nobody may", () => false),
    within("the other way round", (principal, resource) => !rule(principal, resource)),
    { fault: "the organisation does not matter", judge: rule },
    ...(roles.some((role) => may(role).size > 0 && may(role).size < relationNames.length)
      ? [within("the relation does not matter", anyRelation)]
      : []),
    ...roles.map((role) =>
      may(role).size > 0
        ? within(`${role} is forgotten`, (who, what) => !hasRole(who, role) && rule(who, what))
        : within(`${role} may too`, (who, what) => hasRole(who, role) || rule(who, what)),
    ),
    ...relationNames.map((relation) =>
      known(relation)
        ? within(`${relation} is forgotten`, (who, what) => !inRelation(what, relation) && rule(who, what))
        : within(`${relation} may too`, (who, what) => inRelation(what, relation) || rule(who, what)),
    ),
  ];
}

describe("a rule that is wrong", () => {
  it.each(actions)("%s: each of its mutants is found", (action) => {
    const mutants = mutantsOf(policies[action]);
    expect(mutants.length).toBeGreaterThan(30);
    const missed = mutants.filter(({ judge }) => differences(whoMay[action] ?? "nobody", judge).length === 0);
    expect(missed.map(({ fault }) => fault)).toEqual([]);
  });
});

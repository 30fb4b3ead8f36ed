import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allows, can, isAction, policies } from "./policy.ts";
import { principalWith, relationNames, resourceOf } from "./policy-table.ts";
import { roles } from "./principal.ts";
import { scopeNames } from "./scopes.ts";

const actions = Object.keys(policies).filter(isAction);
const anyScopes = fc.option(fc.subarray([...scopeNames]), { nil: undefined });
const asked = {
  action: fc.constantFrom(...actions),
  resource: fc.record({
    relation: fc.constantFrom(...relationNames),
    org: fc.constantFrom("own" as const, "foreign" as const),
  }),
  roles: fc.subarray([...roles]),
  scopes: anyScopes,
};

describe("scopes", () => {
  it("only ever take away, and from nobody but integrators", () => {
    fc.assert(
      fc.property(fc.record(asked), ({ action, resource, roles: held, scopes }) => {
        const at = resourceOf(resource.relation, resource.org);
        const principal = { ...principalWith(null), roles: held, scopes };
        const without = allows(policies[action], principal, at);
        if (can(principal, action, at)) expect(without).toBe(true);
        if (!held.includes("integrator")) expect(can(principal, action, at)).toBe(without);
      }),
      { numRuns: 2_000 },
    );
  });

  it("more of them never allow less", () => {
    fc.assert(
      fc.property(fc.record(asked), anyScopes, ({ action, resource, roles: held, scopes }, more) => {
        const at = resourceOf(resource.relation, resource.org);
        const fewer = { ...principalWith(null), roles: held, scopes };
        const all = { ...fewer, scopes: [...(scopes ?? []), ...(more ?? [])] };
        if (can(fewer, action, at)) expect(can(all, action, at)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("an integrator without any may do nothing at all", () => {
    for (const scopes of [undefined, []]) {
      const bare = { ...principalWith("integrator"), scopes };
      const open = actions.filter((action) =>
        relationNames.some((relation) => can(bare, action, resourceOf(relation, "own"))),
      );
      expect(open).toEqual([]);
    }
  });

  it("each allows what it says", () => {
    const client = { ...principalWith("integrator"), scopes: ["visits:write"] as const };
    const here = { org: "own" };
    expect(can(client, "visit.create", here)).toBe(true);
    expect(can(client, "visit.listAll", here)).toBe(false);
    expect(can(client, "people.list", here)).toBe(false);
    expect(can(client, "visit.cancel", { org: "foreign" })).toBe(false);
    expect(can({ ...client, scopes: scopeNames }, "consent.give", { ...here, inside: true })).toBe(false);
  });
});

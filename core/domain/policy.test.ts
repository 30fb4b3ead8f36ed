import { describe, expect, it } from "vitest";
import { can, isAction, policies } from "./policy.ts";
import { type Principal, roles } from "./principal.ts";
import { scopeNames } from "./scopes.ts";

const anna: Principal = { org: "a", id: "anna", name: "Anna", roles: ["patient"], session: "s" };
const here = { org: "a" };

describe("the policy", () => {
  it("denies everything in another organisation", () => {
    const admin: Principal = { ...anna, roles: ["admin", "clinician", "system"] };
    const foreign = { org: "b", membership: "admin", author: "anna" } as const;
    for (const action of Object.keys(policies).filter(isAction))
      expect(can(admin, action, foreign)).toBe(false);
  });

  it("lets members read, writers write, and nobody else", () => {
    expect(can(anna, "chat.join", { ...here, membership: "observer" })).toBe(true);
    expect(can(anna, "chat.send", { ...here, membership: "observer" })).toBe(false);
    expect(can(anna, "chat.send", { ...here, membership: "member" })).toBe(true);
    expect(can(anna, "chat.join", { ...here, membership: null })).toBe(false);
  });

  it("lets authors edit, and authors and admins delete", () => {
    expect(can(anna, "chat.edit", { ...here, membership: "member", author: "anna" })).toBe(true);
    expect(can(anna, "chat.edit", { ...here, membership: "admin", author: "ben" })).toBe(false);
    expect(can(anna, "chat.delete", { ...here, membership: "admin", author: "ben" })).toBe(true);
    expect(can(anna, "chat.delete", { ...here, membership: "member", author: "ben" })).toBe(false);
  });

  it("lets admins change members, and everyone leave", () => {
    expect(can(anna, "chat.member", { ...here, membership: "member", person: "ben" })).toBe(false);
    expect(can(anna, "chat.member", { ...here, membership: "member", person: "anna" })).toBe(true);
    expect(can(anna, "chat.member", { ...here, membership: "admin", person: "ben" })).toBe(true);
  });

  it("lets staff open chats, and patients not", () => {
    expect(can(anna, "chat.create", here)).toBe(false);
    expect(can({ ...anna, roles: ["desk"] }, "chat.create", here)).toBe(true);
  });

  it("lets everyone find people and list their chats, except guests", () => {
    for (const action of ["people.list", "chat.list"] as const) {
      for (const one of roles)
        expect(can({ ...anna, roles: [one], scopes: scopeNames }, action, here), one).toBe(one !== "guest");
      expect(can({ ...anna, roles: [] }, action, here)).toBe(true);
    }
    expect(can({ ...anna, roles: ["guest"] }, "chat.create", here)).toBe(false);
    expect(can({ ...anna, roles: ["guest"] }, "chat.send", { ...here, membership: "member" })).toBe(true);
  });

  it("leaves recording to clinicians inside, and what was recorded to them and to administrators", () => {
    const clinician = { ...here, visitRole: "clinician" } as const;
    const patient = { ...here, visitRole: "patient", inside: true } as const;
    for (const action of ["recording.start", "recording.stop", "recording.report"] as const) {
      expect(can(anna, action, { ...clinician, inside: true })).toBe(true);
      expect(can(anna, action, { ...clinician, inside: false })).toBe(false);
      expect(can(anna, action, patient)).toBe(false);
      expect(can({ ...anna, roles: ["admin"] }, action, here)).toBe(false);
    }
    expect(can(anna, "recordings.list", patient)).toBe(true);
    for (const action of ["recordings.list", "recordings.read"] as const) {
      expect(can(anna, action, clinician)).toBe(true);
      expect(can({ ...anna, roles: ["admin"] }, action, here)).toBe(true);
      expect(can({ ...anna, roles: ["desk"] }, action, { ...here, visitRole: null })).toBe(false);
      for (const visitRole of ["interpreter", "family", "observer"] as const) {
        expect(can(anna, action, { ...here, visitRole, inside: true })).toBe(false);
      }
    }
    expect(can(anna, "recordings.read", patient)).toBe(false);
    for (const action of ["started", "halted", "lost", "sealed", "removed", "due"] as const) {
      expect(can(anna, `recording.${action}`, { ...clinician, inside: true })).toBe(false);
    }
  });

  it("lets administrators settle what carries their organisation's calls, and nobody else", () => {
    for (const one of roles)
      expect(can({ ...anna, roles: [one] }, "media.order", here), one).toBe(one === "admin");
  });

  it("leaves the cluster to operators, whatever else somebody is", () => {
    for (const action of ["cluster.view", "cluster.control"] as const) {
      for (const one of roles)
        expect(can({ ...anna, roles: [one] }, action, here), one).toBe(one === "operator");
      expect(can({ ...anna, roles: ["admin", "operator"] }, action, here)).toBe(true);
    }
  });
});

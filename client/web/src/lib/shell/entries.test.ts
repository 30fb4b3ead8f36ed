import { describe, expect, it } from "vitest";
import type { Role } from "../../../../../core/domain/principal.ts";
import { entriesOf, sectionOf } from "./entries.ts";

const hrefs = (...roles: Role[]) =>
  entriesOf({
    id: "ann",
    username: "ann",
    name: "Ann",
    org: { id: "clinic", name: "Clinic" },
    roles,
    demo: false,
  }).map(({ href }) => href);

describe("the menu", () => {
  it("leads patients to the waiting rooms, and staff to the queues they run", () => {
    expect(hrefs("patient")).toEqual(["/queues", "/visits", "/chats"]);
    for (const role of ["clinician", "desk", "admin"] as const)
      expect(hrefs(role)).toEqual(["/console", "/visits", "/chats"]);
  });

  it("shows nobody what they may not see", () => {
    expect(hrefs("auditor")).toEqual(["/chats"]);
    expect(hrefs("guest")).toEqual([]);
  });

  it("knows the part of the page by its address", () => {
    expect(sectionOf("/queues/demo/device")).toBe("queues");
    expect(sectionOf("/")).toBe("");
  });
});

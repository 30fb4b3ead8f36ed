import { describe, expect, it } from "vitest";
import { type Principal, type Role, roles } from "../principal.ts";
import { maskRecord } from "./mask-record.ts";
import { type PersonalField, personalFields, seenBy, view } from "./view.ts";

const as = (role: Role | null): Principal => ({
  ...{ org: "own", id: "me", name: "Me", session: "s" },
  roles: role === null ? [] : [role],
});
const isField = (field: string): field is PersonalField => Object.hasOwn(personalFields, field);
const fields = Object.keys(personalFields).filter(isField);
const contacts = fields.filter((field) => field !== "name");

/** Told by hand, apart from the rules. */
const seesNames: readonly Role[] = ["clinician", "desk", "admin", "integrator", "system"];

describe("who sees what of a person", () => {
  it.each([...roles, null])("%s: names where they work with them, contacts never unasked", (role) => {
    const other = { org: "own", person: "somebody" };
    const expected = role !== null && seesNames.includes(role) ? "plain" : "masked";
    expect(view(as(role), "name", other)).toBe(expected);
    for (const field of contacts) {
      expect([field, view(as(role), field, other)]).toEqual([field, role === "system" ? "plain" : "masked"]);
      expect(view(as(role), field, { org: "own" })).toBe(role === "system" ? "plain" : "masked");
    }
  });

  it("oneself: everything; of another organisation: nothing, whoever asks", () => {
    for (const field of fields) {
      expect(view(as("patient"), field, { org: "own", person: "me" })).toBe("plain");
      for (const role of [...roles, null]) {
        expect(view(as(role), field, { org: "foreign", person: "me" })).toBe("masked");
        expect(seenBy(as(role), field, { org: "foreign" }, "山田花子 090-1234-5678")).not.toContain("田花");
      }
    }
  });
});

describe("what was kept of a room", () => {
  const kept = {
    entries: [
      {
        ...{ id: "e", patient: "p", name: "山田 花子", reason: "咳", by: { person: "d", name: "Dr. Sato" } },
        checkIn: {
          identity: "A1234567890",
          location: "東京都千代田区",
          emergencyContact: "母 090-1234-5678",
        },
      },
      { id: "f", patient: "q", name: "Taro", checkIn: { identity: true } },
    ],
    staff: { d: "Dr. Sato" },
    visit: {
      patient: { person: "p", name: "山田 花子" },
      participants: {
        p: { name: "山田 花子", role: "patient" },
        g: { name: "Maria", role: "interpreter" },
        d: { name: "Dr. Sato", role: "clinician" },
      },
      invitations: { i: { role: "family", label: "母 春子" } },
    },
  };

  it("shows an auditor neither patients' names nor what they gave, and staff by name", () => {
    const text = JSON.stringify(maskRecord(as("auditor"), "own", kept));
    for (const hidden of ["花子", "Taro", "Maria", "春子", "千代田", "1234", "A12"])
      expect(text).not.toContain(hidden);
    for (const shown of ["Dr. Sato", "咳", "true", "山••", "•••78"]) expect(text).toContain(shown);
    expect(text.match(/Dr\. Sato/g)).toHaveLength(3);
  });

  it("shows an administrator the names", () => {
    const text = JSON.stringify(maskRecord(as("admin"), "own", kept));
    for (const hidden of ["千代田", "1234", "A12"]) expect(text).not.toContain(hidden);
    expect(text.match(/山田 花子/g)).toHaveLength(3);
  });

  it("leaves everything else as it was, and is the same when masked again", () => {
    const once = maskRecord(as("auditor"), "own", kept);
    expect(maskRecord(as("auditor"), "own", once)).toEqual(once);
    const plain = { list: [1, null, "x", { at: 7, body: null }], name: "a queue", on: false };
    expect(maskRecord(as("auditor"), "own", plain)).toEqual(plain);
  });
});

import { describe, expect, it } from "vitest";
import { abe, anna, ben, engine, ito, person } from "../queue/testing/people.ts";
import { hour } from "../testing/played-room.ts";
import { invitationLimit } from "./state.ts";
import { PlayedVisit } from "./testing/played-visit.ts";

const mori = person("mori", "guest");
const aunt = person("aunt", "guest");

function begun(): PlayedVisit {
  const visit = new PlayedVisit();
  visit.create();
  visit.come(anna, ito);
  return visit;
}

const admit = (participant: string) => ({ name: "visit.admit", participant }) as const;
const remove = (participant: string) => ({ name: "visit.remove", participant }) as const;
const knock = { name: "visit.knock" } as const;

describe("who takes part in a visit", () => {
  it("begins with the patient and the clinician inside, and in its conversation", () => {
    const visit = new PlayedVisit();
    expect(visit.create()).toBe("created chat.created");
    expect(visit.create()).toBe("already_exists");
    expect(visit.admission(anna)).toBe("admitted");
    expect(visit.admission(ito)).toBe("admitted");
    expect(visit.chat).toEqual({ anna: "member", ito: "admin" });
    expect(visit.room.state.conversation.subject).toBe("anna");
  });

  it("is nobody's own clinician", () => {
    const visit = new PlayedVisit();
    expect(visit.create(null, anna)).toBe("invalid_payload");
    visit.create();
    const to = { person: "anna", name: "ANNA" };
    expect(visit.ask(ito, { name: "visit.transfer", to })).toBe("invalid_payload");
    expect(visit.state.participants.anna?.role).toBe("patient");
  });

  it("knows nobody before it was made", () => {
    const visit = new PlayedVisit();
    expect(visit.ask(anna, knock)).toBe("room_not_found");
    expect(visit.come(anna)).toEqual(["room_not_found"]);
    expect(visit.room.journal).toEqual([]);
  });

  it("lets a guest in at the door, and not otherwise", () => {
    const visit = begun();
    expect(visit.invite("i1")).toBe("invited");
    expect(visit.accept("i1", mori)).toBe("accepted");
    expect(visit.admission(mori)).toBe("expected");
    expect(visit.chat).not.toHaveProperty("mori");
    expect(visit.ask(mori, { name: "visit.media", media: "video" })).toBe("forbidden");
    expect(visit.ask(mori, knock)).toBe("knocked");
    expect(visit.ask(mori, knock)).toBe("nothing");
    expect(visit.admission(mori)).toBe("knocking");
    expect(visit.ask(ito, admit("mori"))).toBe("admitted chat.memberChanged");
    expect(visit.ask(ito, admit("mori"))).toBe("nothing");
    expect(visit.admission(mori)).toBe("admitted");
    expect(visit.chat).toEqual({ anna: "member", ito: "admin", mori: "member" });
    expect(visit.ask(mori, { name: "visit.media", media: "video" })).toBe("mediaChanged");
    expect(visit.ask(mori, knock)).toBe("nothing");
  });

  it("lets an observer read", () => {
    const visit = begun();
    visit.invite("i1", "observer");
    visit.accept("i1", aunt);
    visit.ask(ito, admit("aunt"));
    expect(visit.chat.aunt).toBe("observer");
  });

  it("knows nobody who was not expected", () => {
    const visit = begun();
    expect(visit.ask(ben, knock)).toBe("room_not_found");
    expect(visit.ask(ito, admit("ben"))).toBe("participant_not_found");
    expect(visit.ask(ito, remove("ben"))).toBe("participant_not_found");
    expect(visit.come(ben)).toEqual(["nothing"]);
    expect(visit.ask(ben, { name: "visit.media", media: "audio" })).toBe("forbidden");
    expect(visit.ask(ito, admit("constructor"))).toBe("participant_not_found");
  });

  it("removes a guest for good, from the conversation too", () => {
    const visit = begun();
    visit.invite("i1");
    visit.accept("i1", mori);
    visit.ask(ito, admit("mori"));
    visit.come(mori);
    visit.ask(mori, { name: "visit.media", media: "video" });
    visit.now += 1_000;
    expect(visit.ask(ito, remove("mori"))).toBe("removed chat.memberChanged");
    expect(visit.ask(ito, remove("mori"))).toBe("nothing");
    expect(visit.chat).toEqual({ anna: "member", ito: "admin" });
    expect(visit.ask(mori, knock)).toBe("room_not_found");
    expect(visit.ask(ito, admit("mori"))).toBe("participant_not_found");
    expect(visit.state.mediaLog.at(-1)).toEqual({ person: "mori", media: "none", at: visit.now });
  });

  it("removes one who only knocked", () => {
    const visit = begun();
    visit.invite("i1");
    visit.accept("i1", mori);
    visit.ask(mori, knock);
    expect(visit.ask(ito, remove("mori"))).toBe("removed");
  });

  it("keeps the patient and the clinician in charge", () => {
    const visit = begun();
    expect(visit.ask(ito, remove("anna"))).toBe("visit_phase");
    expect(visit.ask(ito, remove("ito"))).toBe("visit_phase");
    expect(visit.ask(ito, { name: "visit.transfer", to: { person: "abe", name: "ABE" } })).toBe(
      "transferred chat.memberChanged",
    );
    expect(visit.state.clinician).toEqual({ person: "abe", name: "ABE" });
    expect(visit.chat.abe).toBe("admin");
    expect(visit.ask(abe, remove("ito"))).toBe("removed chat.memberChanged");
    expect(visit.ask(abe, remove("abe"))).toBe("visit_phase");
    // Who was removed may be in charge again.
    expect(visit.ask(abe, { name: "visit.transfer", to: { person: "ito", name: "ITO" } })).toBe(
      "transferred chat.memberChanged",
    );
    expect(visit.admission(ito)).toBe("admitted");
    expect(visit.ask(abe, { name: "visit.transfer", to: { person: "ito", name: "ITO" } })).toBe("nothing");
    expect(visit.ask(abe, { name: "visit.transfer", to: null })).toBe("person_not_found");
  });

  it("is locked against newcomers, not against whom the clinician lets in", () => {
    const visit = begun();
    visit.invite("i1");
    visit.invite("i2");
    visit.accept("i1", mori);
    expect(visit.ask(ito, { name: "visit.lock", on: true })).toBe("locked");
    expect(visit.ask(ito, { name: "visit.lock", on: true })).toBe("nothing");
    expect(visit.ask(mori, knock)).toBe("visit_locked");
    expect(visit.accept("i2", aunt)).toBe("visit_locked");
    expect(visit.ask(ito, admit("mori"))).toBe("admitted chat.memberChanged");
    expect(visit.ask(ito, { name: "visit.lock", on: false })).toBe("locked");
    expect(visit.accept("i2", aunt)).toBe("accepted");
  });
});

describe("an invitation", () => {
  it("is good for one person, once", () => {
    const visit = begun();
    visit.invite("i1");
    expect(visit.accept("i1", mori)).toBe("accepted");
    expect(visit.accept("i1", mori)).toBe("invitation_used");
    expect(visit.accept("i1", aunt)).toBe("invitation_used");
    expect(visit.state.invitations.i1).toMatchObject({ status: "accepted", guest: "mori" });
    expect(Object.keys(visit.state.participants)).toEqual(["anna", "ito", "mori"]);
  });

  it("is good for nobody with another code, and for nothing that was never given", () => {
    const visit = begun();
    visit.invite("i1");
    expect(visit.accept("i1", mori, "hash of i2")).toBe("invitation_invalid");
    expect(visit.accept("i2", mori)).toBe("invitation_invalid");
    expect(visit.accept("constructor", mori)).toBe("invitation_invalid");
    expect(visit.state.invitations.i1?.status).toBe("open");
  });

  it("expires at its time, also when nobody was there to say so", () => {
    const visit = begun();
    visit.invite("i1", "family", hour);
    visit.now += hour;
    expect(visit.accept("i1", aunt)).toBe("invitation_expired");
    expect(visit.pass(0)).toEqual(["invitationExpired"]);
    expect(visit.state.invitations.i1?.status).toBe("expired");
    expect(visit.accept("i1", aunt)).toBe("invitation_expired");
  });

  it("expires with every other of the same moment", () => {
    const visit = begun();
    for (const id of ["i1", "i2", "i3"]) visit.invite(id);
    visit.accept("i2", mori);
    expect(visit.pass(hour)).toEqual(["invitationExpired", "invitationExpired"]);
    const statuses = Object.values(visit.state.invitations).map(({ status }) => status);
    expect(statuses).toEqual(["expired", "accepted", "expired"]);
    expect(visit.pass(24 * hour, "late")).toEqual([]);
  });

  it("is revoked, and with it whoever came by it", () => {
    const visit = begun();
    visit.invite("i1");
    visit.invite("i2");
    const revoke = (invitation: string) => visit.ask(ito, { name: "visit.revoke", invitation });
    expect(revoke("i1")).toBe("revoked");
    expect(revoke("i1")).toBe("nothing");
    expect(visit.accept("i1", mori)).toBe("invitation_invalid");
    visit.accept("i2", mori);
    visit.ask(ito, admit("mori"));
    expect(revoke("i2")).toBe("revoked removed chat.memberChanged");
    expect(visit.admission(mori)).toBe("removed");
    expect(visit.chat).not.toHaveProperty("mori");
    expect(revoke("i3")).toBe("invitation_invalid");
  });

  it("is revoked also once the visit is over, but used no more", () => {
    const visit = begun();
    visit.invite("i1");
    visit.invite("i2");
    visit.accept("i1", mori);
    visit.ask(ito, { name: "visit.end", outcome: "completed" });
    expect(visit.accept("i2", aunt)).toBe("visit_ended");
    expect(visit.invite("i3")).toBe("visit_ended");
    expect(visit.ask(ito, { name: "visit.revoke", invitation: "i1" })).toBe("revoked removed");
    expect(visit.room.due).toBeNull();
  });

  it("is given only so often", () => {
    const visit = begun();
    for (let i = 0; i < invitationLimit; i += 1) expect(visit.invite(`i${i}`)).toBe("invited");
    expect(visit.invite("one more")).toBe("member_limit");
    expect(visit.invite("i0")).toBe("nothing");
  });

  it("lets only so many in", () => {
    const visit = begun();
    for (let i = 0; i < 48; i += 1) {
      visit.invite(`i${i}`);
      expect(visit.accept(`i${i}`, person(`g${i}`, "guest"))).toBe("accepted");
    }
    visit.invite("last");
    expect(visit.accept("last", mori)).toBe("member_limit");
  });

  it("holds also when the clock is set back", () => {
    const visit = begun();
    visit.invite("i1", "family", hour);
    const at = visit.now;
    visit.now += hour;
    visit.pass(0);
    visit.now = at - hour;
    expect(visit.accept("i1", aunt)).toBe("invitation_expired");
    visit.invite("i2", "family", hour);
    expect(visit.state.invitations.i2?.expiresAt).toBe(at + 2 * hour);
    expect(visit.ask(engine, { name: "visit.wake" })).toBe("woke");
  });
});

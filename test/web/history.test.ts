import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, openClinic, type Visitor } from "./clinic.ts";
import { eventually, expectCount, visible } from "./expect.ts";

let clinic: Clinic;
let chat: string;
const older = Array.from({ length: 120 }, (_, i) => `Message ${i + 1}`);

beforeAll(async () => {
  clinic = await openClinic();
  chat = await clinic.newChat("A long story", ["clinician", "patient"]);
  await clinic.tell(chat, "clinician", older);
}, 120_000);
afterAll(() => clinic?.close());

/** A message in the middle of the screen. */
function middle({ log }: Visitor): Promise<string> {
  return log.evaluate((box) => {
    const centre = box.getBoundingClientRect().top + box.clientHeight / 2;
    const rows = [...box.querySelectorAll<HTMLElement>("li[data-seq]")];
    return rows.find((row) => row.getBoundingClientRect().bottom > centre)?.dataset.seq ?? "";
  });
}

/** Where a message stands on the screen, in px from the top. */
function placeOf({ log }: Visitor, seq: string): Promise<number> {
  return log.locator(`li[data-seq="${seq}"]`).evaluate((row) => row.getBoundingClientRect().top);
}

const distanceFromEnd = ({ log }: Visitor) =>
  log.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));

describe("a long conversation", () => {
  it("opens where the new messages begin, and counts as read what was seen", async () => {
    const patient = await clinic.visitor("patient", chat, { width: 390, height: 844 });
    await visible(patient.log.getByText("New messages", { exact: true }));
    expect(await distanceFromEnd(patient)).toBeGreaterThan(500);
    await patient.page.getByRole("button", { name: /new messages?$|newest/ }).click();
    await eventually(() => distanceFromEnd(patient)).toBeLessThan(2);
    await patient.page.getByRole("link", { name: "Back to conversations" }).click();
    const row = patient.page.getByRole("link", { name: /^A long story/ });
    await visible(row);
    await eventually(async () => (await row.textContent())?.includes("new message")).toBe(false);
    await patient.context.close();
  });

  it("loads earlier messages on scroll, and nothing jumps", async () => {
    const doctor = await clinic.visitor("clinician", chat);
    await visible(doctor.message("Message 120"));
    expect(await doctor.log.locator("li[data-seq]").count()).toBeLessThan(60);
    // Measured before the earlier messages can be there, which takes a round trip.
    const [seq, place] = await doctor.log.evaluate((box) => {
      box.scrollTop = 200;
      const row = box.querySelectorAll<HTMLElement>("li[data-seq]")[3];
      return [row?.dataset.seq ?? "", row?.getBoundingClientRect().top ?? 0] as const;
    });
    await eventually(() => doctor.log.locator("li[data-seq]").count()).toBeGreaterThan(90);
    expect(Math.abs((await placeOf(doctor, seq)) - place)).toBeLessThan(1.5);

    await doctor.log.evaluate((box) => {
      box.scrollTop = 0;
    });
    await visible(doctor.page.getByText("This is the beginning of the conversation."));
    await expectCount(doctor.log.locator("li[data-seq]"), 120);
    const seqs = await doctor.log
      .locator("li[data-seq]")
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    await doctor.context.close();
  });

  it("stays where one reads when new messages come, and leads to them", async () => {
    const doctor = await clinic.visitor("clinician", chat);
    await visible(doctor.message("Message 120"));
    await doctor.log.evaluate((box) => {
      box.scrollTop -= 900;
    });
    await visible(doctor.page.getByRole("button", { name: "To the newest message" }));
    const reading = await middle(doctor);
    const place = await placeOf(doctor, reading);
    await clinic.tell(chat, "patient", ["News", "More news"]);
    const pill = doctor.page.getByRole("button", { name: "2 new messages" });
    await visible(pill);
    expect(Math.abs((await placeOf(doctor, reading)) - place)).toBeLessThan(1.5);
    await pill.click();
    await visible(doctor.message("More news"));
    await eventually(() => distanceFromEnd(doctor)).toBeLessThan(2);
    await pill.waitFor({ state: "hidden" });
    await clinic.tell(chat, "patient", ["Followed"]);
    await visible(doctor.message("Followed"));
    await eventually(() => distanceFromEnd(doctor)).toBeLessThan(2);
    await doctor.context.close();
  });

  it("finds the message that a reply answers, however far above", async () => {
    const own = await clinic.newChat("Far above", ["clinician", "patient"]);
    await clinic.tell(own, "clinician", ["Question of long ago", ...older]);
    const patient = await clinic.visitor("patient", own);
    await patient.log.evaluate((box) => {
      box.scrollTop = 0;
    });
    await patient.page.getByRole("button", { name: "Show earlier messages" }).waitFor({ state: "hidden" });
    await patient.log.evaluate((box) => {
      box.scrollTop = 0;
    });
    await patient.message("Question of long ago").getByRole("button").click();
    await patient.page.getByRole("button", { name: "Reply", exact: true }).click();
    await patient.say("Answer of today");
    await patient.page.reload();
    await visible(patient.message("Answer of today"));
    await expectCount(patient.message("Question of long ago"), 0);
    await patient.message("Answer of today").getByRole("button", { name: "An earlier message" }).click();
    await visible(patient.message("Question of long ago").first());
    expect(await patient.message("Question of long ago").first().isVisible()).toBe(true);
    await patient.context.close();
  });
});

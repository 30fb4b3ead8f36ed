import { afterAll, beforeAll, describe, it } from "vitest";
import { type Clinic, openClinic, type Visitor } from "./clinic.ts";
import { expectCount, expectText, visible } from "./expect.ts";

let clinic: Clinic;
let doctor: Visitor;
let patient: Visitor;

beforeAll(async () => {
  clinic = await openClinic();
  const chat = await clinic.newChat("Two people", ["clinician", "patient"]);
  [doctor, patient] = await Promise.all([clinic.visitor("clinician", chat), clinic.visitor("patient", chat)]);
}, 120_000);
afterAll(() => clinic?.close());

describe("two people in two browsers", () => {
  it("see what the other writes, and that it was seen", async () => {
    await doctor.say("Good morning, how are you?");
    await visible(patient.message("Good morning, how are you?"));
    await expectText(doctor.delivery("Good morning, how are you?"), "Seen");
    await patient.say("Much better,\nthank you.");
    await visible(doctor.log.getByText("Much better, thank you."));
    await expectCount(doctor.log.locator("li[data-seq]"), 2);
    await expectCount(patient.log.locator("li[data-seq]"), 2);
  });

  it("see that the other is writing, and that they stopped", async () => {
    await patient.field.pressSequentially("I was");
    await visible(doctor.page.getByText("is writing…"));
    await patient.field.fill("");
    await doctor.page.getByText("is writing…").waitFor({ state: "hidden" });
  });

  it("see who is here", async () => {
    await visible(doctor.page.getByText("2 of 2 online"));
    await doctor.page.getByRole("button", { name: "Show the 2 people in this conversation" }).click();
    const people = doctor.page.getByRole("dialog", { name: "People" });
    await expectCount(people.getByText("Online"), 2);
    await doctor.page.keyboard.press("Escape");
    await people.waitFor({ state: "hidden" });
  });

  it("answer, react, change and take back a message", async () => {
    await doctor.say("Please take the tablets at nine.");
    await patient
      .message("Please take the tablets at nine.")
      .getByRole("button", { name: /^More about/ })
      .click();
    await patient.page.getByRole("button", { name: "Reply", exact: true }).click();
    await patient.say("At nine in the morning?");
    await visible(doctor.message("At nine in the morning?").getByText("Reply to Dr. Emma Lindqvist"));

    await patient
      .message("At nine in the morning?")
      .getByRole("button", { name: /^More about/ })
      .click();
    await patient.page.getByRole("button", { name: "React with 🙏" }).click();
    const reaction = doctor.message("At nine in the morning?").getByRole("button", { name: /^🙏/ });
    await reaction.click();
    await visible(
      patient
        .message("At nine in the morning?")
        .getByRole("button", { name: /🙏.*Lindqvist/, pressed: true }),
    );

    await doctor.field.press("ArrowUp");
    await doctor.say("Please take the tablets at nine in the morning.");
    await visible(
      patient.message("Please take the tablets at nine in the morning.").first().getByText("edited"),
    );

    await patient
      .message("At nine in the morning?")
      .getByRole("button", { name: /^More about/ })
      .click();
    await patient.page.getByRole("button", { name: "Delete", exact: true }).click();
    await patient.page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await visible(doctor.log.getByText("This message was deleted."));
    await expectCount(doctor.log.getByText("At nine in the morning?"), 0);
  });

  it("see text as text, whatever it says", async () => {
    const nasty = '<img src=x onerror="document.title=1"> javascript:alert(1) https://example.org/a?b=1&c=2';
    await patient.say(nasty);
    const row = doctor.log.locator("li").filter({ hasText: "<img src=x" });
    await visible(row);
    await expectCount(row.locator("img"), 0);
    await expectCount(row.getByRole("link"), 1);
    await expectText(row.getByRole("link"), "https://example.org/a?b=1&c=2");
  });
});

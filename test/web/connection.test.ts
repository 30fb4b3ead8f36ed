import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, openClinic, visitorOf } from "./clinic.ts";
import { eventually, expectCount, expectText, visible } from "./expect.ts";

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic();
}, 120_000);
afterAll(() => clinic?.close());

const people = ["clinician", "patient"];
const offlineWords = "You are offline.";

describe("a connection that breaks", () => {
  it("is said, and what is written meanwhile arrives once, in order", async () => {
    const chat = await clinic.newChat("Offline", people);
    const doctor = await clinic.visitor("clinician", chat);
    const patient = await clinic.visitor("patient", chat);
    await patient.say("Before");
    await visible(doctor.message("Before"));

    await patient.context.setOffline(true);
    await visible(patient.page.getByText(offlineWords));
    await patient.say("Written in the tunnel");
    await patient.say("And another");
    await expectText(patient.delivery("And another"), "Will be sent when you are online");
    await doctor.say("Are you there?");
    await expectText(doctor.delivery("Are you there?"), "Sent");

    await patient.context.setOffline(false);
    await visible(doctor.message("And another"));
    await visible(patient.message("Are you there?"));
    await patient.page.getByText(offlineWords).waitFor({ state: "hidden" });
    await expectText(patient.delivery("And another"), "Seen");
    expect(await clinic.history(chat, "patient")).toEqual([
      "Before",
      "Are you there?",
      "Written in the tunnel",
      "And another",
    ]);
    for (const { log } of [doctor, patient]) await expectCount(log.locator("li[data-seq]"), 4);
    await Promise.all([doctor.context.close(), patient.context.close()]);
  });

  it("does not lose what was unsent when the page was closed", async () => {
    const chat = await clinic.newChat("Reload", people);
    const patient = await clinic.visitor("patient", chat);
    const witness = await patient.context.newPage();
    await witness.goto(`${clinic.server.url}/healthz`);
    await patient.context.setOffline(true);
    await visible(patient.page.getByText(offlineWords));
    await patient.say("Kept on the device");
    await expectText(patient.delivery("Kept on the device"), "Will be sent when you are online");
    await eventually(() => witness.evaluate(unsentOnDevice)).toBe(1);
    await patient.page.close();

    await patient.context.setOffline(false);
    const again = visitorOf(patient.context, await patient.context.newPage());
    await again.page.goto(`${clinic.server.url}/chats/${chat}`);
    await expectText(again.delivery("Kept on the device"), "Sent");
    await again.page.reload();
    await visible(again.message("Kept on the device"));
    await expectCount(again.log.locator("li[data-seq]"), 1);
    expect(await clinic.history(chat, "patient")).toEqual(["Kept on the device"]);
    await patient.context.close();
  });

  it("sends what was left unsent in a conversation, though another page is opened", async () => {
    const chat = await clinic.newChat("Left behind", people);
    const doctor = await clinic.visitor("clinician", chat);
    const patient = await clinic.visitor("patient", chat);
    const witness = await patient.context.newPage();
    await witness.goto(`${clinic.server.url}/healthz`);
    await patient.context.setOffline(true);
    await visible(patient.page.getByText(offlineWords));
    await patient.say("Left behind, not forgotten");
    await expectText(patient.delivery("Left behind, not forgotten"), "Will be sent when you are online");
    await eventually(() => witness.evaluate(unsentOnDevice)).toBe(1);
    await patient.page.close();

    await patient.context.setOffline(false);
    const list = await patient.context.newPage();
    await list.goto(`${clinic.server.url}/chats`);
    await visible(doctor.message("Left behind, not forgotten"));
    expect(await clinic.history(chat, "patient")).toEqual(["Left behind, not forgotten"]);
    await Promise.all([doctor.context.close(), patient.context.close()]);
  });

  it("sends what is unsent when the person goes on to the list", async () => {
    const chat = await clinic.newChat("Onwards", people);
    const doctor = await clinic.visitor("clinician", chat);
    const patient = await clinic.visitor("patient", chat, { width: 390, height: 844 });
    await patient.context.setOffline(true);
    await visible(patient.page.getByText(offlineWords));
    await patient.say("On my way");
    await patient.page.getByRole("link", { name: "Back to conversations" }).click();
    await visible(patient.page.getByRole("heading", { name: "Conversations" }));
    await patient.context.setOffline(false);
    await visible(doctor.message("On my way"));
    expect(await clinic.history(chat, "patient")).toEqual(["On my way"]);
    await Promise.all([doctor.context.close(), patient.context.close()]);
  });

  it("warns before signing out with something unsent", async () => {
    const chat = await clinic.newChat("Sign out", people);
    const patient = await clinic.visitor("patient", chat);
    await patient.context.setOffline(true);
    await visible(patient.page.getByText(offlineWords));
    await patient.say("Not sent yet");
    await patient.page.getByRole("button", { name: "Sign out" }).click();
    const dialog = patient.page.getByRole("dialog", { name: "Sign out now?" });
    await visible(dialog.getByText("1 message has not been sent yet."));
    await dialog.getByRole("button", { name: "Stay signed in" }).click();
    await patient.context.setOffline(false);
    await expectText(patient.delivery("Not sent yet"), "Sent");
    await patient.page.getByRole("button", { name: "Sign out" }).click();
    await visible(patient.page.getByRole("heading", { name: "Sign in", exact: true }));
    await patient.page.reload();
    await visible(patient.page.getByRole("heading", { name: "Sign in", exact: true }));
    await patient.context.close();
  });
});

describe("a server that is killed and started again", () => {
  it("is waited for, and everything goes on where it was", async () => {
    const chat = await clinic.newChat("Restart", people);
    const doctor = await clinic.visitor("clinician", chat);
    const patient = await clinic.visitor("patient", chat);
    await patient.say("Before the crash");
    await visible(doctor.message("Before the crash"));
    await clinic.server.kill();
    await patient.say("During the crash");
    await clinic.server.start();
    await visible(doctor.message("During the crash"));
    await doctor.say("After the crash");
    await visible(patient.message("After the crash"));
    await expectCount(patient.log.locator("li[data-seq]"), 3);
    const stranger = await clinic.stranger("/");
    await visible(stranger.page.getByRole("heading", { name: "Sign in", exact: true }));
    await Promise.all([doctor, patient, stranger].map(({ context }) => context.close()));
  }, 90_000);
});

/** How many messages the device itself keeps, as another page of it sees: what a page shows is in its memory first. */
function unsentOnDevice(): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("hugmedo");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const [store = ""] = database.objectStoreNames;
      const count = database.transaction(store).objectStore(store).count();
      count.onsuccess = () => {
        database.close();
        resolve(localStorage.getItem("hugmedo.unsent.patient") === null ? 0 : count.result);
      };
    };
  });
}

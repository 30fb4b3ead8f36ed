import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Locator } from "playwright-core";
import sharp from "sharp";
import { type Clinic, openClinic, type Visitor } from "./clinic.ts";

/** Takes the pictures of conversations anew: `node test/web/take-screenshots.ts`. Those of a clinic's morning: morning-clinic.ts. */
const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const phone = { width: 390, height: 844 };
const visible = (locator: Locator) => locator.waitFor();
const save = async ({ page }: Pick<Visitor, "page">, name: string) => {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled", caret: "hide" });
};

/** An arm with a rash, drawn. */
const arm = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="560">
  <filter id="soft"><feGaussianBlur stdDeviation="7"/></filter>
  <rect width="800" height="560" fill="#cfe0dc"/>
  <path d="M-20 190C200 130 520 150 820 210V430C560 470 240 480-20 420Z" fill="#e6bb9d"/>
  <g fill="#c4553f" opacity=".75" filter="url(#soft)"><ellipse cx="330" cy="280" rx="46" ry="28"/>
    <ellipse cx="420" cy="330" rx="34" ry="22"/><ellipse cx="470" cy="260" rx="26" ry="17"/>
    <ellipse cx="380" cy="365" rx="18" ry="12"/><ellipse cx="270" cy="335" rx="20" ry="14"/></g>
</svg>`;

const clinic = await openClinic();
try {
  await mkdir(folder, { recursive: true });
  await signIn(clinic);
  await conversations(clinic);
  await japanese(clinic);
  await photoAndSearch(clinic);
} finally {
  await clinic.close();
}

async function signIn({ stranger }: Clinic): Promise<void> {
  const wide = await stranger("/");
  await visible(wide.page.getByRole("button", { name: /Demo · Patient/ }).first());
  await save(wide, "sign-in");
  await wide.context.close();
}

async function conversations({ newChat, tell, visitor }: Clinic): Promise<void> {
  const family = await newChat("Family meeting on Friday", ["clinician", "patient2", "desk"]);
  await tell(family, "patient2", ["My daughter would like to join. Is that all right?"]);
  const chat = await newChat("Blood pressure follow-up", ["clinician", "patient2"]);
  const knee = await newChat("Knee exercises", ["desk", "clinician", "patient2"]);
  await tell(knee, "desk", ["The physiotherapist can see you on Thursday at ten."]);
  await tell(chat, "patient2", [
    "Good morning, doctor. This morning it was 128 over 82.",
    "The dizziness is a little better. My head still feels heavy in the evening, though.",
  ]);
  const doctor = await visitor("clinician", chat);
  const patient = await visitor("patient2", chat, phone);
  await react(doctor, "Good morning, doctor. This morning it was 128 over 82.", "👍");
  await doctor
    .message("The dizziness is a little better. My head still feels heavy in the evening, though.")
    .getByRole("button", { name: /^More/ })
    .click();
  await doctor.page.getByRole("button", { name: "Reply", exact: true }).click();
  await doctor.say(
    "That often comes from drinking too little. A glass of water with every meal helps: https://example.org/water",
  );
  await visible(patient.log.getByText("That often comes from"));
  await patient.say("I will try that. Thank you!");
  await visible(patient.delivery("I will try that. Thank you!").getByText("Seen"));
  await react(
    patient,
    "That often comes from drinking too little. A glass of water with every meal helps: https://example.org/water",
    "🙏",
  );
  await doctor.say("Gladly. Please measure it again tomorrow.");
  await visible(doctor.delivery("Gladly. Please measure it again tomorrow.").getByText("Seen"));
  await visible(doctor.page.getByRole("link", { name: /^Knee exercises.*1 new message/ }));
  await patient.field.pressSequentially("Of course");
  await visible(doctor.page.getByText("is writing…"));
  await save(doctor, "conversation-desktop");
  await patient.field.fill("");
  await save(patient, "conversation-phone");

  await patient.context.setOffline(true);
  await visible(patient.page.getByText("You are offline."));
  await patient.say("I am on the train. I will measure it tonight.");
  await visible(patient.delivery("I am on the train. I will measure it tonight."));
  await save(patient, "offline-phone");
  await Promise.all([doctor.context.close(), patient.context.close()]);
}

async function japanese({ newChat, tell, visitor }: Clinic): Promise<void> {
  const chat = await newChat("血圧の経過について", ["clinician2", "patient"]);
  await tell(chat, "clinician2", ["おはようございます。新しいお薬の調子はいかがですか？"]);
  const dark = { ...phone, locale: "ja-JP", dark: true };
  const patient = await visitor("patient", chat, dark);
  const doctor = await visitor("clinician2", chat, { locale: "ja-JP" });
  await patient.say("おはようございます。今朝の血圧は128でした。");
  await patient.say("ふらつきは少しよくなりました。");
  await doctor.say("よかったです。お水をこまめに飲んで、明日もう一度測ってください。");
  const answer = "よかったです。お水をこまめに飲んで、明日もう一度測ってください。";
  await react(patient, answer, "🙏");
  await patient.say("わかりました。ありがとうございます！");
  await visible(patient.delivery("わかりました。ありがとうございます！").getByText("既読"));
  await save(patient, "japanese-phone-dark");
  await Promise.all([doctor.context.close(), patient.context.close()]);
}

async function photoAndSearch({ newChat, tell, visitor }: Clinic): Promise<void> {
  const chat = await newChat("Skin after the new ointment", ["clinician", "patient2"]);
  await tell(chat, "clinician", ["Good morning, Daniel. Could you send me a photo of the rash?"]);
  const patient = await visitor("patient2", chat, phone);
  const doctor = await visitor("clinician", chat);
  const buffer = await sharp(Buffer.from(arm)).jpeg().toBuffer();
  await patient.page
    .locator("[data-chooser]")
    .setInputFiles({ name: "Rash, left arm.jpg", mimeType: "image/jpeg", buffer });
  await visible(patient.page.getByText("Ready to send"));
  await patient.say("Here it is. The rash has itched since last night.");
  await visible(doctor.log.getByRole("img", { name: /Rash, left arm/ }));
  await doctor.say("Thank you. Please keep it cool, and leave out the ointment today.");
  await visible(patient.log.getByText("Please keep it cool"));
  await visible(patient.log.getByRole("img", { name: /Rash, left arm/ }));
  await patient.page.getByText("is writing…").waitFor({ state: "hidden" });
  await patient.log.evaluate((log) => log.scrollTo(0, log.scrollHeight));
  await save(patient, "attachment-phone");
  // The index follows what is written a moment later.
  const found = doctor.page.locator("[data-found]", { hasText: "since last night" });
  const field = doctor.page.getByRole("searchbox", { name: "Search" });
  for (let tries = 0; tries < 20 && !(await found.isVisible()); tries++) {
    await field.fill(tries % 2 === 0 ? "rash" : "Rash");
    await found.waitFor({ timeout: 2_000 }).catch(() => undefined);
  }
  await visible(found);
  await save(doctor, "search-desktop");
  await Promise.all([doctor.context.close(), patient.context.close()]);
}

async function react(by: Visitor, text: string, emoji: string): Promise<void> {
  const row = by.log.locator("li").filter({ hasText: text }).first();
  await row.locator("[data-menu]").click();
  await by.page
    .getByRole("group", { name: /Reactions|反応/ })
    .getByText(emoji)
    .click();
  await visible(row.getByRole("button", { name: new RegExp(`^${emoji}`) }));
}

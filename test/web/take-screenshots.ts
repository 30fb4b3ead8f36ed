import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Locator } from "playwright-core";
import { type Clinic, openClinic, type Visitor } from "./clinic.ts";

/** Takes the pictures of conversations anew: `node test/web/take-screenshots.ts`. Those of a clinic's morning: morning-clinic.ts. */
const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const phone = { width: 390, height: 844 };
const visible = (locator: Locator) => locator.waitFor();
const save = async ({ page }: Pick<Visitor, "page">, name: string) => {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled", caret: "hide" });
};

const clinic = await openClinic();
try {
  await mkdir(folder, { recursive: true });
  await signIn(clinic);
  await conversations(clinic);
  await japanese(clinic);
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

async function react(by: Visitor, text: string, emoji: string): Promise<void> {
  const row = by.log.locator("li").filter({ hasText: text }).first();
  await row.locator("[data-menu]").click();
  await by.page
    .getByRole("group", { name: /Reactions|反応/ })
    .getByText(emoji)
    .click();
  await visible(row.getByRole("button", { name: new RegExp(`^${emoji}`) }));
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, expectCount, visible } from "./expect.ts";
import { type FrontDesk, names, openFrontDesk, type Runner, until } from "./front-desk.ts";

let desk: FrontDesk;
const reasons = { patient: "Cough", patient2: "Back pain", patient3: "Prescription" } as const;
const { patient: hana, patient2: daniel, patient3: kenta } = names;
const three = [hana, daniel, kenta];

beforeAll(async () => {
  desk = await openFrontDesk();
}, 120_000);
afterAll(() => desk?.close());

/** A queue of its own, with the three patients in it. */
async function filled(title: string, settings = {}) {
  const queue = await desk.newQueue(title, settings);
  const one = await desk.waits("patient", queue, reasons.patient);
  const two = await desk.waits("patient2", queue, reasons.patient2);
  const last = await desk.waits("patient3", queue, reasons.patient3);
  return { queue, waitings: [one, two, last] as const };
}

const said = ({ page }: Runner) => page.locator("[data-voice]").textContent();
const reason = ({ page }: Runner, name: string) =>
  page.getByRole("dialog", { name: /from place/ }).getByRole("button", { name, exact: true });

describe("from the call to the visit", () => {
  it("there is one thing to do next: call, wait for the answer, admit, open the visit", async () => {
    const { queue, waitings } = await filled("General medicine");
    const doctor = await desk.runs("clinician", queue);
    const step = doctor.page.getByRole("region", { name: "Your next step" });
    await visible(step.getByText(hana));
    expect(await doctor.order()).toEqual(three);
    expect(await doctor.page.title()).toBe("(3) General medicine – HugMeDo");

    await step.getByRole("button", { name: "Call next" }).click();
    await visible(step.getByText(`${hana} is being called`));
    await eventually(() => step.getByRole("timer").textContent()).toMatch(/^[12]:\d\d$/);
    await until(waitings[0], ({ called }) => called !== null);
    await waitings[0].confirm();
    await visible(step.getByText(`${hana} is here`));
    await eventually(() => doctor.page.locator("p[role=status]").allTextContents()).toContainEqual(
      expect.stringContaining("ready to be seen"),
    );

    await step.getByRole("button", { name: "Admit" }).click();
    const { admitted } = await until(waitings[0], (snapshot) => snapshot.admitted !== null);
    await visible(step.getByText(`In a visit with ${hana}`));
    const link = step.getByRole("link", { name: "Open visit" });
    expect(await link.getAttribute("href")).toBe(`/visits/${admitted?.visit}`);
    await eventually(doctor.order).toEqual([daniel, kenta]);
    await visible(doctor.page.getByText("Admitted · Dr. Emma Lindqvist"));
    await doctor.context.close();
  });

  it("a call can be taken back, and one that nobody answers returns to its place", async () => {
    const { queue } = await filled("Quick calls", { callSeconds: 5 });
    const doctor = await desk.runs("clinician", queue);
    await doctor.button(`Call ${daniel}`).click();
    await doctor.button("Take back").click();
    await visible(doctor.button(`Call ${daniel}`));
    await doctor.button(`Call ${daniel}`).click();
    await visible(doctor.page.getByText(`${daniel} did not answer, and keeps the place.`));
    await visible(doctor.row(daniel).locator("[title='1 missed call']").first());
    expect(await doctor.order()).toEqual(three);
    await doctor.context.close();
  });

  it("who was faster is told, and when", async () => {
    const { queue } = await filled("Two clinicians");
    const [fast, late] = await Promise.all([
      desk.runs("clinician", queue),
      desk.runs("clinician2", queue, { locale: "ja-JP" }),
    ]);
    const release = await late.holdBack();
    await fast.button(`Call ${hana}`).click();
    await visible(fast.page.getByText(`${hana} is being called`));
    await late.button(`${hana}を呼び出す`).click();
    await release();
    await visible(
      late.page.getByRole("alert").getByText(/^\d{1,2}:\d\dにDr\. Emma Lindqvistが呼び出しています。$/),
    );
    await visible(late.row(hana).getByText("呼出中"));
    await expectCount(late.row(hana).getByRole("button", { name: "呼び出す" }), 0);
    await Promise.all([fast.context.close(), late.context.close()]);
  });
});

describe("what a patient gave at check-in", () => {
  it("is hidden until somebody says why, is shown to them alone, and hides again", async () => {
    const where = "京都市中京区1-2-3";
    const { queue, waitings } = await filled("Check-in", { asks: ["location", "emergencyContact"] });
    await waitings[0].checkIn({ location: where, emergencyContact: "Ichiro, 090-1234-5678" });
    const [doctor, reception] = await Promise.all([
      desk.runs("clinician", queue),
      desk.runs("desk", queue, { locale: "ja-JP" }),
    ]);
    const details = await doctor.open(hana);
    await visible(details.getByText("•••78"));
    await expectCount(doctor.page.getByText(where), 0);
    await details.getByRole("button", { name: "Show what was given" }).click();
    await details.getByRole("button", { name: "To send help" }).click();
    await visible(details.getByText(where));
    await visible(details.getByText("Ichiro, 090-1234-5678"));
    await visible(details.getByText(/^Hidden again in [1-6]?[0-9] s$/));
    const others = await reception.open(hana);
    await visible(others.getByRole("button", { name: "記入内容を表示" }));
    await expectCount(reception.page.getByText(where), 0);

    await doctor.open(daniel);
    await expectCount(doctor.page.getByText(where), 0);
    const again = await doctor.open(hana);
    await visible(again.getByRole("button", { name: "Show what was given" }));
    await expectCount(doctor.page.getByText(where), 0);
    await Promise.all([doctor.context.close(), reception.context.close()]);
  });
});

describe("another order", () => {
  it("by keyboard: lifted, moved, dropped, with a reason; and everybody sees it", async () => {
    const { queue } = await filled("Keyboard");
    const [doctor, reception] = await Promise.all([desk.runs("clinician", queue), desk.runs("desk", queue)]);
    const { keyboard } = doctor.page;
    await doctor.rows.first().focus();
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("Space");
    await eventually(() => said(doctor)).toContain(`${kenta} lifted, place 3 of 3`);
    await keyboard.press("ArrowUp");
    await eventually(() => said(doctor)).toContain("Place 2 of 3");
    await keyboard.press("ArrowUp");
    await eventually(doctor.order).toEqual([kenta, hana, daniel]);
    expect(await reception.order()).toEqual(three);
    await keyboard.press("Escape");
    await eventually(doctor.order).toEqual(three);
    await eventually(() => said(doctor)).toContain("Cancelled");

    await keyboard.press("Space");
    await keyboard.press("Home");
    await keyboard.press("Enter");
    await eventually(() => reason(doctor, "More pressing").evaluate((one) => one.matches(":focus"))).toBe(
      true,
    );
    await keyboard.press("Enter");
    for (const runner of [doctor, reception]) await eventually(runner.order).toEqual([kenta, hana, daniel]);
    await eventually(() => doctor.row(kenta).evaluate((row) => row.matches(":focus"))).toBe(true);

    await doctor.button("Undo").click();
    for (const runner of [doctor, reception]) await eventually(runner.order).toEqual(three);
    await Promise.all([doctor.context.close(), reception.context.close()]);
  });

  it("by mouse; what the server refuses goes back", async () => {
    const { queue, waitings } = await filled("Mouse");
    const doctor = await desk.runs("clinician", queue);
    await drag(doctor, hana, 2);
    await eventually(doctor.order).toEqual([daniel, kenta, hana]);
    await reason(doctor, "Runs late").click();
    await visible(doctor.page.getByText(`${hana} is now at place 3.`));
    expect(await doctor.order()).toEqual([daniel, kenta, hana]);

    await drag(doctor, hana, -2);
    const release = await doctor.holdBack();
    await waitings[1].leave();
    await reason(doctor, "More pressing").click();
    await eventually(doctor.order).toEqual([hana, daniel, kenta]);
    await release();
    await visible(doctor.page.getByRole("alert").getByText("no longer in the queue"));
    await eventually(doctor.order).toEqual([kenta, hana]);
    await doctor.context.close();
  });

  it("by finger, on a phone", async () => {
    const { queue } = await filled("Finger");
    const doctor = await desk.runs("clinician", queue, { width: 390, height: 844 });
    const box = await settledBox(doctor, kenta);
    const touch = await doctor.context.newCDPSession(doctor.page);
    const at = (y: number) => ({ touchPoints: [{ x: box.x + 34, y: box.y + 50 + y }] });
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", ...at(0) });
    for (const y of [-20, -80, -150, -230])
      await touch.send("Input.dispatchTouchEvent", { type: "touchMove", ...at(y) });
    await eventually(doctor.order).toEqual([kenta, hana, daniel]);
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    // Not by a tap: on a busy machine its two ends come so far apart that Chromium takes it for a long press.
    await reason(doctor, "Has an appointment").click();
    await visible(doctor.page.getByText(`${kenta} is now at place 1.`));
    expect(await doctor.order()).toEqual([kenta, hana, daniel]);
    await doctor.context.close();
  });

  it("a priority goes before waiting time, in word and sign", async () => {
    const { queue } = await filled("Triage");
    const doctor = await desk.runs("desk", queue);
    const details = await doctor.open(kenta);
    await details.getByRole("button", { name: "Priority…" }).click();
    const dialog = doctor.page.getByRole("dialog", { name: `Priority of ${kenta}` });
    await dialog.getByText("Emergency", { exact: true }).click();
    await dialog.getByRole("button", { name: "Assessed by a nurse" }).click();
    await dialog.getByRole("button", { name: "Set priority" }).click();
    await eventually(doctor.order).toEqual([kenta, hana, daniel]);
    await visible(doctor.row(kenta).getByText("Emergency"));
    // What was asked gives the focus back to where it was asked.
    const asked = details.getByRole("button", { name: "Priority…" });
    await eventually(() => asked.evaluate((one) => one.matches(":focus"))).toBe(true);
    await doctor.page.keyboard.press("Escape");
    await eventually(() => doctor.row(kenta).evaluate((row) => row.matches(":focus"))).toBe(true);
    await doctor.context.close();
  });
});

describe("what else staff do", () => {
  it("holds a patient, and undoes it", async () => {
    const { queue } = await filled("Hold");
    const doctor = await desk.runs("clinician", queue);
    const details = await doctor.open(hana);
    await details.getByRole("button", { name: "Put on hold" }).click();
    await visible(doctor.row(hana).getByText("On hold"));
    await visible(doctor.page.getByRole("region", { name: "Your next step" }).getByText(daniel));
    await doctor.button("Undo").click();
    await visible(doctor.button(`Call ${hana}`).first());
    await doctor.context.close();
  });

  it("transfers to another queue, waiting time and all; what is refused comes back and says why", async () => {
    const [{ queue, waitings }, other] = await Promise.all([filled("From"), desk.newQueue("Cardiology")]);
    const doctor = await desk.runs("clinician", queue);
    const transfer = async (name: string) => {
      await (await doctor.open(name)).getByRole("button", { name: "Transfer…" }).click();
      const dialog = doctor.page.getByRole("dialog", { name: `Transfer ${name}` });
      await dialog.getByRole("radio", { name: /^Cardiology/ }).check();
      return dialog.getByRole("button", { name: "Transfer", exact: true });
    };
    await (await transfer(hana)).click();
    await visible(doctor.page.getByText(`${hana} is on the way to Cardiology.`));
    await eventually(doctor.order).toEqual([daniel, kenta]);
    const { queue: now } = await until(waitings[0], (snapshot) => snapshot.queue?.id === other);
    expect(now?.title).toBe("Cardiology");

    const send = await transfer(daniel);
    const payload = { id: crypto.randomUUID() };
    await desk.clinic.call("desk", `/v1/rooms/waiting/${other}/commands`, { name: "queue.close", payload });
    await send.click();
    await visible(
      doctor.page.getByRole("alert").getByText(`${daniel} came back: the other queue is closed.`),
    );
    await visible(doctor.row(daniel).locator("[title='Came back: the other queue is closed']").first());
    expect(await doctor.order()).toEqual([daniel, kenta]);
    await doctor.context.close();
  });

  it("tells one, and everyone", async () => {
    const { queue, waitings } = await filled("Notices");
    const doctor = await desk.runs("clinician", queue);
    await (await doctor.open(daniel)).getByRole("button", { name: "Send a notice…" }).click();
    const personal = doctor.page.getByRole("dialog", { name: `Notice to ${daniel}` });
    await personal.getByRole("textbox").fill("Please have your card at hand.");
    await personal.getByRole("button", { name: "Send", exact: true }).click();
    await visible(doctor.page.getByText(`${daniel} was told.`));
    await doctor.button(/^Opening/).click();
    await doctor.button("Tell everyone…").click();
    const all = doctor.page.getByRole("dialog", { name: "Notice to everyone who waits" });
    await all.getByRole("button", { name: /running a little late/ }).click();
    await all.getByRole("button", { name: "Send", exact: true }).click();
    await visible(doctor.page.getByText("Everyone was told."));
    const { notices } = await until(waitings[1], (snapshot) => snapshot.notices.length === 2);
    expect(notices.map(({ personal }) => personal)).toEqual([true, false]);
    expect(waitings[0].snapshot.notices.map(({ personal }) => personal)).toEqual([false]);
    await doctor.context.close();
  });

  it("pauses the queue, opens it again, closes it, and goes off duty", async () => {
    const { queue, waitings } = await filled("Opening");
    const doctor = await desk.runs("clinician", queue);
    await doctor.button(/^Opening/).click();
    await doctor.button("Pause…").click();
    const dialog = doctor.page.getByRole("dialog", { name: "Pause the queue" });
    await dialog.getByRole("radio", { name: /^30 minutes/ }).check();
    await dialog.getByRole("button", { name: "The clinic takes a short break." }).click();
    await dialog.getByRole("button", { name: "Pause", exact: true }).click();
    await visible(doctor.button(/^Opening: ?Paused until/));
    expect(await doctor.button(`Call ${hana}`).isDisabled()).toBe(true);
    const { queue: paused } = await until(waitings[0], (now) => now.queue?.opening === "suspended");
    expect(paused?.suspended?.notice).toBe("The clinic takes a short break.");
    await doctor.button("Open it again").click();
    await visible(doctor.button(/^Opening: ?Open/));

    await visible(doctor.page.getByText("You are off duty"));
    await doctor.button("I am available").click();
    await visible(doctor.button(/^My duty: ?Available/));
    await visible(doctor.page.getByRole("complementary").getByText("Dr. Emma Lindqvist (you)"));

    await doctor.button(/^Opening/).click();
    await doctor.button("Close…").click();
    await doctor.page.getByRole("dialog").getByRole("button", { name: "Close the queue" }).click();
    await visible(doctor.button(/^Opening: ?Closed/));
    await doctor.context.close();
  });

  it("ends a place: who did not come, and who is removed for a reason", async () => {
    const { queue, waitings } = await filled("Ends");
    const doctor = await desk.runs("clinician", queue);
    await (await doctor.open(hana)).getByRole("button", { name: "Did not come…" }).click();
    await doctor.page.getByRole("dialog").getByRole("button", { name: "Did not come", exact: true }).click();
    await eventually(doctor.order).toEqual([daniel, kenta]);
    await (await doctor.open(daniel)).getByRole("button", { name: "Remove…" }).click();
    const dialog = doctor.page.getByRole("dialog", { name: `Remove ${daniel}?` });
    await dialog.getByRole("button", { name: "We have spoken on the phone." }).click();
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await eventually(doctor.order).toEqual([kenta]);
    const { place } = await until(waitings[1], (snapshot) => snapshot.place?.status === "none");
    expect(place?.ended).toMatchObject({ how: "removed", reason: "We have spoken on the phone." });
    await doctor.context.close();
  });
});

describe("at a glance", () => {
  it("the list of queues leads to each; what one may not run is not opened", async () => {
    const queue = await desk.newQueue("Ophthalmology");
    await desk.newQueue("Orthopaedics");
    const doctor = await desk.runs("clinician", queue);
    await visible(doctor.page.getByText("Nobody is waiting.", { exact: true }));
    await doctor.page.getByRole("link", { name: "To the list of queues" }).click();
    await doctor.page.getByRole("link", { name: /^Orthopaedics/ }).click();
    await visible(doctor.page.getByRole("heading", { name: "Orthopaedics" }));
    await doctor.page.getByRole("link", { name: "To the list of queues" }).click();
    await doctor.page.getByRole("link", { name: /^Ophthalmology/ }).click();
    await desk.waits("patient3", queue, "Itching");
    await eventually(doctor.order).toEqual([kenta]);
    await doctor.page.goto(`${desk.clinic.server.url}/console/no-such-queue`);
    await visible(doctor.page.getByRole("alert").getByText("This queue is not open to you"));
    await doctor.context.close();
  });

  it("those who come are told together, and found by what they wrote", async () => {
    const queue = await desk.newQueue("Arrivals");
    const doctor = await desk.runs("clinician", queue);
    await visible(doctor.page.getByText("Patients appear here as soon as they join."));
    await desk.waits("patient", queue, "Rash");
    await desk.waits("patient2", queue, "Fever");
    await eventually(() => doctor.page.locator("p[role=status]").allTextContents()).toContainEqual(
      expect.stringContaining(`${hana} and ${daniel} joined. 2 waiting.`),
    );
    await doctor.button("Search name, reason, need").click();
    await doctor.page.getByRole("searchbox").fill("fever");
    await eventually(doctor.order).toEqual([daniel]);
    await doctor.page.keyboard.press("Escape");
    await eventually(doctor.order).toEqual([hana, daniel]);
    await doctor.button(/^On hold 0$/).click();
    await visible(doctor.page.getByText("Nobody here matches."));
    await doctor.button("Show everyone").click();
    await eventually(doctor.order).toEqual([hana, daniel]);
    await doctor.context.close();
  });

  it("a screen reader finds a table of patients, and a name for everything", async () => {
    const { queue } = await filled("Reader", { asks: ["location"] });
    const doctor = await desk.runs("clinician", queue);
    const tree = await doctor.page.getByRole("main").ariaSnapshot();
    for (const part of [
      /heading "Reader" \[level=1\]/,
      /region "Your next step"/,
      /grid "Waiting patients"/,
      /row "Place 1 .*Daniel Okafor.*No check-in|row "Place 1 .*No check-in/,
      new RegExp(`button "Call ${daniel}"`),
      /group "Show"/,
      /complementary "The queue at a glance"/,
    ])
      expect(tree).toMatch(part);
    expect(tree).not.toMatch(/(button|link|textbox|radio)(:| \[|$)/m);
    await doctor.context.close();
  });

  it.each([
    ["en-US", 360],
    ["ja-JP", 360],
    ["en-US", 320],
  ])("nothing is wider than a phone, and all can be hit (%s, %i px)", async (locale, width) => {
    const { queue } = await filled(`Phone ${locale} ${width}`);
    const doctor = await desk.runs("clinician", queue, { locale, width, height: 640 });
    const fits = async () => {
      expect(await doctor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      expect(await tooSmall(doctor)).toEqual([]);
    };
    await fits();
    await doctor.row(hana).getByText(hana).tap();
    await visible(doctor.page.getByRole("dialog"));
    await fits();
    await doctor.context.close();
  });
});

/** Buttons and links that a finger would miss. */
function tooSmall({ page }: Runner): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, a, input")]
      .filter((one) => one.checkVisibility() && !one.closest(".sr-only, dialog:not([open])"))
      .filter((one) => !one.matches("input[type=radio]"))
      .filter((one) => {
        const { width, height } = one.getBoundingClientRect();
        return width > 1 && (width < 43.9 || height < 43.9);
      })
      .map((one) => one.outerHTML.slice(0, 160)),
  );
}

/** Where a patient's row is, once it has come to rest there. */
async function settledBox({ row }: Runner, name: string) {
  const handle = await row(name).elementHandle();
  await handle?.waitForElementState("stable");
  const box = await handle?.boundingBox();
  if (!box) throw new Error(`${name} is not in the list.`);
  return box;
}

/** Drags a patient by so many places. */
async function drag(runner: Runner, name: string, places: number): Promise<void> {
  const { page } = runner;
  const box = await settledBox(runner, name);
  const [x, y] = [box.x + 48, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 10, y + places * 20, { steps: 3 });
  await page.mouse.move(x + 20, y + places * box.height, { steps: 5 });
  await eventually(() => page.locator("[data-entry].z-20").count()).toBe(1);
  await page.mouse.up();
}

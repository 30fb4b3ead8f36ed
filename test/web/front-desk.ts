import type { BrowserContext, Locator, Page } from "playwright-core";
import { HugMeDo, type Session, type Waiting, type WaitingSnapshot } from "../../client/sdk/index.ts";
import type { QueueSettings } from "../../core/domain/queue/state.ts";
import { type Clinic, openClinic, type View } from "./clinic.ts";

/** A member of staff in a browser of their own, in front of a queue. */
export interface Runner {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The patients' rows. */
  readonly rows: Locator;
  row(name: string): Locator;
  /** The names in the order in which they are on the screen. */
  order(): Promise<readonly string[]>;
  button(name: string | RegExp): Locator;
  /** What is behind the row of a patient: its details on a wide screen, the dialog on a phone. */
  open(name: string): Promise<Locator>;
  /** Keeps back what the server sends until the returned function is called. */
  holdBack(): Promise<() => Promise<unknown>>;
}

/** The shipped server, browsers for the staff, and patients who come without one. */
export interface FrontDesk {
  readonly clinic: Clinic;
  /** A queue that the demo clinicians and the front desk run. Resolves with its id. */
  newQueue(title: string, settings?: Partial<QueueSettings>): Promise<string>;
  session(person: string): Promise<Session>;
  /** Lets a demo patient take a place, and be there. */
  waits(person: string, queue: string, reason: string): Promise<Waiting>;
  runs(person: string, queue: string, view?: View): Promise<Runner>;
  close(): Promise<void>;
}

export const names = {
  patient: "佐藤 花 (Hana Sato)",
  patient2: "Daniel Okafor",
  patient3: "鈴木 健太 (Kenta Suzuki)",
} as const;

export async function openFrontDesk(): Promise<FrontDesk> {
  const clinic = await openClinic();
  const { url } = clinic.server;
  const sessions = new Map<string, Promise<Session>>();
  const session = (person: string): Promise<Session> => {
    const known =
      sessions.get(person) ?? HugMeDo.signIn({ url, username: person, password: `demo-${person}` });
    sessions.set(person, known);
    return known;
  };
  return {
    clinic,
    session,
    newQueue: async (title, settings = {}) => {
      const staff = ["clinician", "clinician2", "desk"];
      const { id } = await clinic.call<{ readonly id: string }>("desk", "/v1/queues", {
        settings: { title, ...settings },
        staff,
      });
      return id;
    },
    waits: async (person, queue, reason) => {
      const waiting = (await session(person)).joinQueue(queue);
      await until(waiting, ({ status }) => status === "live");
      await waiting.join({ reason, language: "en" });
      return waiting;
    },
    runs: async (person, queue, view) => {
      const { context, page } = await clinic.stranger("/favicon.svg", view);
      await page.addInitScript(keepBack);
      await page.goto(`${url}/console/${queue}`);
      await page.locator("#username").fill(person);
      await page.locator("#password").fill(`demo-${person}`);
      await page.locator("#password").press("Enter");
      await page.getByRole("region", { name: /Your next step|次にすること/ }).waitFor();
      return runnerOf(context, page);
    },
    close: async () => {
      const all = await Promise.all(sessions.values());
      await Promise.all(all.map((one) => one.signOut().catch(() => undefined)));
      await clinic.close();
    },
  };
}

/** Resolves once the patient's picture is as asked for. */
export function until(
  waiting: Waiting,
  shown: (snapshot: WaitingSnapshot) => boolean,
): Promise<WaitingSnapshot> {
  return new Promise((resolve) => {
    const look = (snapshot: WaitingSnapshot) => {
      if (!shown(snapshot)) return;
      stop();
      resolve(snapshot);
    };
    const stop = waiting.on("change", look);
    look(waiting.snapshot);
  });
}

function runnerOf(context: BrowserContext, page: Page): Runner {
  const rows = page.locator("[data-entry]");
  const row = (name: string) => rows.filter({ hasText: name });
  return {
    context,
    page,
    rows,
    row,
    order: async () => {
      const seen = await rows.evaluateAll((all) =>
        all
          .map((one) => ({ at: Number(one.getAttribute("aria-rowindex")), text: one.textContent ?? "" }))
          .sort((a, b) => a.at - b.at),
      );
      return seen.map(({ text }) => Object.values(names).find((name) => text.includes(name)) ?? "");
    },
    button: (name) => page.getByRole("button", { name, exact: typeof name === "string" }),
    open: async (name) => {
      await row(name).getByText(name).click();
      return page.locator("aside, dialog").filter({ has: page.getByRole("heading", { name }) });
    },
    holdBack: async () => {
      await page.evaluate("holdBack(true)");
      return () => page.evaluate("holdBack(false)");
    },
  };
}

/** Stands between the page and what its sockets receive. */
function keepBack(): void {
  const kept: (() => void)[] = [];
  let holding = false;
  Object.assign(window, {
    holdBack: (on: boolean) => {
      holding = on;
      if (!on) for (const tell of kept.splice(0)) tell();
    },
  });
  window.WebSocket = class extends WebSocket {
    override set onmessage(tell: ((event: MessageEvent) => void) | null) {
      super.onmessage = (event) => {
        if (holding) kept.push(() => tell?.(event));
        else tell?.(event);
      };
    }
  };
}

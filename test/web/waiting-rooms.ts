import type { BrowserContext, Page } from "playwright-core";
import {
  type Board,
  type BoardSnapshot,
  type EntryView,
  HugMeDo,
  type Session,
} from "../../client/sdk/index.ts";
import type { Clinic, View } from "./clinic.ts";
import { eventually } from "./expect.ts";

const patienceMs = 20_000;

/** The people of the clinic without browsers, and queues and visits for one test each. */
export interface Staff {
  readonly sessions: Readonly<Record<string, Session>>;
  /** A queue that both clinicians and the desk run, one of them on duty. */
  newQueue(title: string, settings?: object): Promise<Board>;
  newVisit(fields: object): Promise<string>;
  /** The demo account takes a place, and stays connected. */
  joins(person: string, queue: string): Promise<void>;
  close(): Promise<void>;
}

export async function openStaff({ server }: Clinic, people: readonly string[]): Promise<Staff> {
  const url = server.url;
  const signIn = (username: string) => HugMeDo.signIn({ url, username, password: `demo-${username}` });
  const entries = await Promise.all(people.map(async (name) => [name, await signIn(name)] as const));
  const sessions: Record<string, Session> = Object.fromEntries(entries);
  const admin = await tokenOf(url, "admin");
  const of = (person: string): Session => {
    const session = sessions[person];
    if (!session) throw new Error(`${person} has not been signed in.`);
    return session;
  };
  return {
    sessions,
    newQueue: async (title, settings = {}) => {
      const body = { settings: { title, ...settings }, staff: ["clinician", "clinician2", "desk"] };
      const board = of("clinician").runQueue(await make(`${url}/v1/queues`, admin, body));
      await eventually(async () => board.snapshot.status).toBe("live");
      await board.duty("available");
      return board;
    },
    newVisit: (fields) => make(`${url}/v1/visits`, admin, fields),
    joins: async (person, queue) => {
      await of(person).joinQueue(queue).join({ reason: "A cough" });
    },
    close: async () => {
      await Promise.all(Object.values(sessions).map((session) => session.signOut()));
    },
  };
}

/** Waits until the patient's entry is as wanted. */
export async function entryOf(
  board: Board,
  patient: string,
  wanted: (entry: EntryView) => boolean = () => true,
): Promise<EntryView> {
  const find = ({ entries }: BoardSnapshot) =>
    entries.find((entry) => entry.patient === patient && wanted(entry));
  await eventually(async () => find(board.snapshot) !== undefined).toBe(true);
  const entry = find(board.snapshot);
  if (!entry) throw new Error(`${patient} has left the queue meanwhile.`);
  return entry;
}

/** A person in a browser of their own, signed in, in front of an address. */
export async function personAt(
  clinic: Clinic,
  person: string,
  path: string,
  view?: View,
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const { context, page } = await clinic.stranger(path, view);
  // Less than a test's own time, so that it is said what was waited for.
  page.setDefaultTimeout(patienceMs);
  await page.locator("#username").fill(person);
  await page.locator("#password").fill(`demo-${person}`);
  await page.locator("#password").press("Enter");
  await page.locator("#main").waitFor();
  return { context, page };
}

async function tokenOf(url: string, username: string): Promise<string> {
  const body = { username, password: `demo-${username}` };
  const reply = await post(`${url}/v1/auth/token`, null, body);
  return String(reply.access_token);
}

async function make(url: string, token: string, body: object): Promise<string> {
  const reply = await post(url, token, body);
  return String(reply.id);
}

async function post(url: string, token: string | null, body: object): Promise<Record<string, unknown>> {
  const headers = new Headers({ "content-type": "application/json" });
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

import { setTimeout as pause } from "node:timers/promises";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import type { MemberRole } from "../../core/domain/conversation/state.ts";
import type { MessagesPage, TokenReply } from "../../core/protocol/rest.ts";
import { type Server, startServer } from "../support/server.ts";
import { findTool } from "../support/tools.ts";

export interface View {
  readonly locale?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Done to the browser before the page is opened. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** A signed-in person in a browser of their own, in front of a conversation. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly log: Locator;
  readonly field: Locator;
  /** The message with this text. */
  message(text: string): Locator;
  /** Writes a message and presses Enter. */
  say(text: string): Promise<void>;
  /** What became of a message of theirs: `sending`, `waiting`, `sent`, `seen`, `refused`. */
  delivery(text: string): Locator;
}

/** The shipped server and page, and a browser. */
export interface Clinic {
  readonly server: Server;
  /** Asks the API as a demo account; a body makes it a POST. */
  call<T>(person: string, path: string, body?: unknown): Promise<T>;
  /** A new conversation of these demo accounts; the first is the one who opened it. Resolves with its id. */
  newChat(title: string, people: readonly string[]): Promise<string>;
  /** Sends messages without a browser. */
  tell(chat: string, person: string, bodies: readonly string[]): Promise<void>;
  /** Changes what a person may do in the conversation; null takes them out of it. */
  setRole(chat: string, by: string, person: string, role: MemberRole | null): Promise<void>;
  /** The newest messages as the server keeps them, oldest first. */
  history(chat: string, person: string): Promise<readonly (string | null)[]>;
  /** A browser that nobody has signed in with. */
  stranger(path: string, view?: View): Promise<{ readonly context: BrowserContext; readonly page: Page }>;
  visitor(person: string, chat: string, view?: View): Promise<Visitor>;
  close(): Promise<void>;
}

const quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"];
const fakeDevices = [
  // Few pictures a second: the processor codes them, for two people at once. The second camera is one for depth.
  "--use-fake-device-for-media-stream=device-count=3,fps=10",
  // Where a machine has no network but its own, browsers still find each other.
  "--allow-loopback-in-peer-connection",
  // What a person would choose when asked what to share: our own page.
  "--auto-select-tab-capture-source-by-title=HugMeDo",
];

export interface ClinicOptions {
  /** There is a camera and a microphone, whether or not a page may use them. */
  readonly devices?: boolean;
  /** The server's settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** One that runs already, and goes on when the clinic is closed. */
  readonly server?: Server;
}

export async function openClinic({
  devices = false,
  env = {},
  server: running,
}: ClinicOptions = {}): Promise<Clinic> {
  const [server, browser] = await Promise.all([running ?? startServer({ env }), launch(devices)]);
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (person: string) => {
    const token = tokens.get(person) ?? signIn(server.url, person);
    tokens.set(person, token);
    return token;
  };
  const call = async <T>(person: string, path: string, body?: unknown): Promise<T> =>
    request<T>(server.url + path, await tokenOf(person), body);

  const stranger: Clinic["stranger"] = async (
    path,
    { locale = "en-US", width = 1280, height = 800, dark, prepare } = {},
  ) => {
    const context = await browser.newContext({
      locale,
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      hasTouch: width < 768,
      isMobile: width < 768,
    });
    await prepare?.(context);
    const page = await context.newPage();
    await page.goto(server.url + path);
    return { context, page };
  };

  return {
    server,
    call,
    stranger,
    newChat: async (title, [opener = "", ...others]) => {
      const members = others.map((person) => ({ person, role: "member" }));
      const { id } = await call<{ readonly id: string }>(opener, "/v1/chats", { title, members });
      return id;
    },
    tell: async (chat, person, bodies) => {
      for (const body of bodies) {
        const payload = { id: crypto.randomUUID(), body };
        await call(person, `/v1/rooms/chat/${chat}/commands`, { name: "chat.send", payload });
      }
    },
    setRole: async (chat, by, person, role) => {
      const payload = { id: crypto.randomUUID(), person, role };
      await call(by, `/v1/rooms/chat/${chat}/commands`, { name: "chat.member", payload });
    },
    history: async (chat, person) => {
      const page = await call<MessagesPage>(person, `/v1/rooms/chat/${chat}/messages?limit=200`);
      return page.items.map(({ body }) => body).reverse();
    },
    visitor: async (person, chat, view) => {
      const { context, page } = await stranger(`/chats/${chat}`, view);
      await page.locator("#username").fill(person);
      await page.locator("#password").fill(`demo-${person}`);
      await page.locator("#password").press("Enter");
      await page.locator("textarea").waitFor();
      await page.locator("[role=log][aria-busy=false]").waitFor();
      return visitorOf(context, page);
    },
    close: async () => {
      await browser.close();
      if (!running) await server.dispose();
    },
  };
}

export function visitorOf(context: BrowserContext, page: Page): Visitor {
  const log = page.getByRole("log");
  const field = page.locator("textarea[aria-describedby=composer-keys]");
  const message = (text: string) => log.locator("li").filter({ has: page.getByText(text, { exact: true }) });
  return {
    context,
    page,
    log,
    field,
    message,
    say: async (text) => {
      await field.fill(text);
      await field.press("Enter");
    },
    delivery: (text) => message(text).locator("[data-delivery]"),
  };
}

async function launch(devices: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: await findTool(devices ? "chromium" : "chromium-headless-shell"),
    args: ["--no-sandbox", "--no-first-run", "--disable-sync", ...quiet, ...(devices ? fakeDevices : [])],
  });
}

async function signIn(url: string, username: string): Promise<string> {
  const reply = await request<TokenReply>(`${url}/v1/auth/token`, null, {
    username,
    password: `demo-${username}`,
  });
  return reply.access_token;
}

async function request<T>(url: string, token: string | null, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const reply = await response.json();
  if (response.ok) return reply;
  if (response.status !== 429) throw new Error(`${url}: ${response.status} ${JSON.stringify(reply)}`);
  await pause(reply.retryAfterMs);
  return request(url, token, body);
}

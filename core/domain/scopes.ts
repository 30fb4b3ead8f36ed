import type { Action } from "./policy.ts";
import { hasRole, type Principal } from "./principal.ts";

/** What an integrator's client can be allowed. A scope gives nothing by itself: it says which of an integrator's rights a client has. */
export const scopes = {
  "chats:read": "Read the conversations that the client is a member of.",
  "chats:write": "Open conversations, and write in those that the client is a member of.",
  "queues:read": "See queues, who waits in them, and their figures.",
  "queues:write": "Make queues.",
  "visits:read": "See visits.",
  "visits:write": "Schedule, reschedule and cancel visits.",
  "people:read": "Find people of the organisation.",
  "files:read": "Read files of rooms that the client is a member of.",
  "files:write": "Add files to rooms that the client is a member of.",
  "search:read": "Search in conversations, visits, people and files that the client may see.",
  "events:read": "Read the feed of the organisation's events.",
  "webhooks:manage": "Make, change and remove webhooks.",
} as const satisfies Record<string, string>;

export type Scope = keyof typeof scopes;

export const scopeNames: readonly Scope[] = Object.keys(scopes).filter(isScope);

export function isScope(value: string): value is Scope {
  return Object.hasOwn(scopes, value);
}

/** The scope that each action takes. What has no line here no client can do: consent and care are for people. */
const scopeOf: Readonly<Record<string, Scope>> = {
  "people.list": "people:read",
  "chat.list": "chats:read",
  "chat.join": "chats:read",
  "chat.resume": "chats:read",
  "chat.read": "chats:read",
  "chat.versions": "chats:read",
  "chat.create": "chats:write",
  "chat.typing": "chats:write",
  "chat.send": "chats:write",
  "chat.react": "chats:write",
  "chat.edit": "chats:write",
  "chat.delete": "chats:write",
  "chat.member": "chats:write",
  "queue.list": "queues:read",
  "queue.metrics": "queues:read",
  "queue.create": "queues:write",
  "visit.list": "visits:read",
  "visit.listAll": "visits:read",
  "visit.create": "visits:write",
  "visit.reschedule": "visits:write",
  "visit.cancel": "visits:write",
  "search.query": "search:read",
  "files.read": "files:read",
  "files.create": "files:write",
  "files.change": "files:write",
  "events.read": "events:read",
  "webhooks.list": "webhooks:manage",
  "webhooks.read": "webhooks:manage",
  "webhooks.manage": "webhooks:manage",
};

/** People do what their roles allow. An integrator does no more than it has the scopes for, and without any nothing. */
export function isWithinScopes(principal: Principal, action: Action): boolean {
  if (!hasRole(principal, "integrator")) return true;
  const wanted = scopeOf[action];
  return wanted !== undefined && principal.scopes?.includes(wanted) === true;
}

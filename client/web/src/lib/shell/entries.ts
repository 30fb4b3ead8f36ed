import { type Action, can } from "../../../../../core/domain/policy.ts";
import { hasRole, type Principal } from "../../../../../core/domain/principal.ts";
import type { Me } from "../../../../../core/protocol/rest.ts";
import type { IconName } from "../ui/icon.svelte";

/** From this width on the menu stands beside the page, with who is signed in. */
export const wideScreen = "min-width: 48rem";

export interface Entry {
  readonly section: "queues" | "console" | "visits" | "chats";
  readonly href: string;
  readonly icon: IconName;
  readonly label: "waitingRooms" | "queues" | "visits" | "messages";
}

const waitingRooms: Entry = { section: "queues", href: "/queues", icon: "chair", label: "waitingRooms" };
const queues: Entry = { section: "console", href: "/console", icon: "list", label: "queues" };
const visits: Entry = { section: "visits", href: "/visits", icon: "video", label: "visits" };
const messages: Entry = { section: "chats", href: "/chats", icon: "talk", label: "messages" };

/** The person as the policy knows them. What the server allows is decided there; this only spares dead ends. */
export function principalOf({ id, org, name, roles }: Me): Principal {
  return { org: org.id, id, name, roles, session: "" };
}

export function may(me: Me, action: Action): boolean {
  return can(principalOf(me), action, { org: me.org.id });
}

export function isPatient(me: Me): boolean {
  return hasRole(principalOf(me), "patient");
}

export function isGuest(me: Me): boolean {
  return hasRole(principalOf(me), "guest");
}

/** Where a person can go: a patient waits, the staff run the queues. A guest has one visit and needs no menu. */
export function entriesOf(me: Me): readonly Entry[] {
  if (isGuest(me)) return [];
  return [
    ...(may(me, "queue.list") ? [isPatient(me) ? waitingRooms : queues] : []),
    ...(may(me, "visit.list") ? [visits] : []),
    ...(may(me, "chat.list") ? [messages] : []),
  ];
}

/** The part of the page that an address belongs to. */
export function sectionOf(path: string): string {
  return path.split("/")[1] ?? "";
}

import type { z } from "zod";
import type { ListedSession } from "../../../core/platform/repositories/sessions.ts";
import type { signInSession } from "../../../core/protocol/rest-identity.ts";

export function presentSession(session: ListedSession, current: string): z.infer<typeof signInSession> {
  const { id, startedAt, refreshedAt, agent, network, factors } = session;
  return { id, startedAt, refreshedAt, current: id === current, agent, network, factors: [...factors] };
}

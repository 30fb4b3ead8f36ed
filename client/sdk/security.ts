import * as routes from "./api/routes.ts";
import type { AuthSession } from "./auth-session.ts";
import type { Security } from "./types.ts";

type Auth = Pick<AuthSession, "call">;

/** Where I am signed in, and my second factor. */
export function createSecurity(auth: Auth): Security {
  return {
    sessions: async () => (await auth.call(routes.listMySessions)).items,
    endSession: (id) => auth.call(routes.endMySession, { params: { id } }),
    endOtherSessions: async () => {
      await auth.call(routes.endMyOtherSessions);
    },
    secondFactor: () => auth.call(routes.getSecondFactor),
    enrol: (password) => auth.call(routes.enrolSecondFactor, { body: { password } }),
    confirm: async (code) => (await auth.call(routes.confirmSecondFactor, { body: { code } })).codes,
    remove: (code) => auth.call(routes.removeSecondFactor, { body: { code } }),
  };
}

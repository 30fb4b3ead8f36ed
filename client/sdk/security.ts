import type {
  SecondFactor,
  SecondFactorEnrolment,
  SignInSession,
} from "../../core/protocol/rest-identity.ts";
import type { AuthSession } from "./auth-session.ts";
import type { Security } from "./types.ts";

type Auth = Pick<AuthSession, "call">;

/** Where I am signed in, and my second factor. */
export function createSecurity(auth: Auth): Security {
  const post = <T>(path: string, body: object) => auth.call<T>({ method: "POST", path, body });
  return {
    sessions: async () => {
      const path = "/v1/me/sessions";
      const { items } = await auth.call<{ readonly items: readonly SignInSession[] }>({
        method: "GET",
        path,
      });
      return items;
    },
    endSession: async (id) => {
      await auth.call<null>({ method: "DELETE", path: `/v1/me/sessions/${encodeURIComponent(id)}` });
    },
    endOtherSessions: async () => {
      await auth.call({ method: "DELETE", path: "/v1/me/sessions" });
    },
    secondFactor: () => auth.call<SecondFactor>({ method: "GET", path: "/v1/me/second-factor" }),
    enrol: (password) => post<SecondFactorEnrolment>("/v1/me/second-factor", { password }),
    confirm: async (code) => {
      const { codes } = await post<{ readonly codes: readonly string[] }>("/v1/me/second-factor/confirm", {
        code,
      });
      return codes;
    },
    remove: async (code) => {
      await post("/v1/me/second-factor/remove", { code });
    },
  };
}

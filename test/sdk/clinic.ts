import { onTestFinished } from "vitest";
import { HugMeDo, type Session } from "../../client/sdk/index.ts";
import type { Server } from "../support/server.ts";

/** Something of the SDK's that shows pictures. */
export interface Shown<Snapshot> {
  readonly snapshot: Snapshot;
  on(name: "change", listener: (snapshot: NoInfer<Snapshot>) => void): () => void;
}

/** Resolves once it shows what is asked for. */
export function until<Snapshot>(
  shown: Shown<Snapshot>,
  wanted: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> {
  return new Promise((resolve) => {
    const look = (snapshot: Snapshot) => {
      if (!wanted(snapshot)) return;
      stop();
      resolve(snapshot);
    };
    const stop = shown.on("change", look);
    look(shown.snapshot);
  });
}

export const live = <Snapshot extends { readonly status: string }>(shown: Shown<Snapshot>) =>
  until(shown, ({ status }) => status === "live");

/** The product's people and rooms, for one test at a time. */
export function clinicOf(server: () => Server) {
  const signIn = async (username: string): Promise<Session> => {
    const session = await HugMeDo.signIn({
      url: server().url,
      username,
      password: `demo-${username}`,
    });
    onTestFinished(() => session.signOut().catch(() => undefined));
    return session;
  };
  const tokenOf = async (username: string): Promise<string> => {
    const reply = await post(`${server().url}/v1/auth/token`, null, {
      username,
      password: `demo-${username}`,
    });
    return String(reply.access_token);
  };
  const asAdmin = async (path: string, body: object): Promise<string> => {
    const reply = await post(`${server().url}${path}`, await tokenOf("admin"), body);
    return String(reply.id);
  };
  return {
    signIn,
    tokenOf,
    /** A queue of its own, run by both clinicians and the desk. */
    openQueue: (settings: object = {}) =>
      asAdmin("/v1/queues", {
        settings: { title: "Test", ...settings },
        staff: ["clinician", "clinician2", "desk"],
      }),
    openVisit: () => asAdmin("/v1/visits", { patient: "patient", clinician: "clinician", reason: "Cough" }),
  };
}

async function post(url: string, token: string | null, body: object): Promise<Record<string, unknown>> {
  const headers = new Headers({ "content-type": "application/json" });
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeApi } from "../../api/openapi/document.ts";
import { endpoints } from "../../api/routes/index.ts";
import { type Clinic, openClinic } from "../rooms/clinic.ts";
import type { Schema } from "./fuzz/from-schema.ts";
import { type Answered, createJudge } from "./fuzz/judge.ts";
import { type Operation, operationsOf, type Shot, shotAt } from "./fuzz/operations.ts";
import { type OtherClinic, openOtherClinic } from "./other-clinic.ts";

/** Another one: `HUGMEDO_FUZZ_SEED=7 HUGMEDO_FUZZ_SHOTS=500 …`. */
const seed = Number(process.env.HUGMEDO_FUZZ_SEED ?? 20_260_101);
const shots = Number(process.env.HUGMEDO_FUZZ_SHOTS ?? 25);
const atOnce = 8;
const deadlineMs = 60_000;

const document: Schema = JSON.parse(JSON.stringify(describeApi(endpoints)));
const operations = operationsOf(document);
const roles = ["patient", "clinician", "desk", "admin", "auditor", "operator"];
/** What would end the sign-ins, or the process, that the others need. */
const only = process.env.HUGMEDO_FUZZ_ONLY;
const apart = ["signOut", "drainProcess"];

let clinic: Clinic;
let other: OtherClinic;
let foreign = "";
const tokens: Record<string, string> = {};

beforeAll(async () => {
  other = await openOtherClinic();
  clinic = await openClinic({
    ...other.settings,
    COMMANDS_PER_SECOND: "10000",
    API_READS_PER_SECOND: "10000",
    API_HEAVY_PER_MINUTE: "100000",
    API_STRANGERS_PER_SECOND: "10000",
  });
  for (const username of roles) tokens[username] = await clinic.token(username);
  foreign = await other.token("desk", "admin", "clinician");
}, 180_000);
afterAll(async () => {
  await clinic?.close();
  await other?.close();
});

async function ask(
  method: string,
  path: string,
  shot: Partial<Shot> & { readonly token?: string } = {},
): Promise<Answered> {
  const headers = new Headers(shot.headers);
  if (shot.body !== undefined) headers.set("content-type", "application/json");
  if (shot.token !== undefined) headers.set("authorization", `Bearer ${shot.token}`);
  const signal = AbortSignal.timeout(deadlineMs);
  const init = { method, headers, body: shot.body ?? null, signal, redirect: "manual" } as const;
  const send = () => fetch(clinic.url + path, init);
  // An idle connection may have been closed just then; whoever dropped it for another reason does so again.
  const response = await send().catch((error) =>
    error instanceof TypeError ? send() : Promise.reject(error),
  );
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status: response.status, type, text: "" };
  }
  return { status: response.status, type, text: await response.text() };
}

/** In order, some at a time. */
async function inTurns<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const turn = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
}

function isOpen({ spec }: Operation): boolean {
  return spec.security === undefined;
}

describe("every operation, valid, nearly so, and hostile", () => {
  const judge = createJudge(document);
  const ids = ["demo", "patient3", "general"];
  let made = 0;

  test("the document has every operation", () => {
    expect(operations.map(({ id }) => id).sort()).toEqual(endpoints.map(({ id }) => id).sort());
  });

  test("answers what is documented, in time, and repeats nothing of what was sent", async () => {
    const faults: string[] = [];
    const aimed = operations
      .filter(({ id }) => !apart.includes(id) && (only === undefined || only === id))
      .flatMap((operation, at) =>
        fc
          .sample(shotAt(operation, document, ids), { numRuns: shots, seed: seed + at })
          .map((shot, n) => ({ operation, shot, role: roles[n % roles.length] ?? "" })),
      );
    await inTurns(aimed, async ({ operation, shot, role }) => {
      const { method } = operation;
      const token = isOpen(operation) ? {} : { token: tokens[role] ?? "" };
      const what = `${role} ${method} ${shot.path} ${shot.body ?? ""}`.slice(0, 600);
      try {
        const fault = judge(operation, await ask(method, shot.path, { ...shot, ...token }));
        if (fault) faults.push(`${operation.id}: ${fault}\n  ${what}`);
      } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        faults.push(`${operation.id}: ${String(error)} ${String(cause)}\n  ${what}`);
      }
      made += 1;
    });
    expect(faults.slice(0, 20), `seed ${seed}, ${faults.length} faults in ${made} requests`).toEqual([]);
    expect(made).toBeGreaterThan(shots * 40);
    expect((await ask("GET", "/readyz")).status).toBe(200);
  }, 600_000);
});

describe("another organisation's ids", () => {
  test("are answered as if there were nothing of that name", async () => {
    const create = async (path: string, body: object) => {
      const { status, text } = await ask("POST", path, { token: foreign, body: JSON.stringify(body) });
      expect([status, text]).toEqual([201, expect.stringContaining('"id"')]);
      return JSON.parse(text).id;
    };
    const theirs = await create("/v1/queues", { settings: { title: "Theirs" }, staff: [] });
    expect(theirs).toMatch(/^[0-9a-f]{32}$/);
    const nowhere = `${theirs.slice(0, -2)}${theirs.endsWith("ff") ? "ee" : "ff"}`;
    // What needs no sign-in is of no organisation, and paced by network.
    const aimed = operations.filter(
      (one) => one.path.includes("{") && !apart.includes(one.id) && !isOpen(one),
    );
    const faults: string[] = [];
    await inTurns(aimed, async (operation) => {
      const body = fc.sample(shotAt(operation, document, [nowhere]), { numRuns: 1, seed })[0]?.body;
      const at = (id: string) => operation.path.replace("{kind}", "waiting").replaceAll(/\{\w+\}/g, id);
      const told = ({ status, text }: Answered) =>
        `${status} ${text
          .replace(/"instance":"[^"]*"/, "")
          .replaceAll(theirs, "")
          .replaceAll(nowhere, "")}`;
      // Operators serve every organisation: they alone see where its rooms are.
      for (const role of ["clinician", "admin", "auditor"]) {
        const sent = { ...(body === undefined ? {} : { body }), token: tokens[role] ?? "" };
        const asked = (id: string) => ask(operation.method, at(id), sent).then(told, String);
        const there = await asked(theirs);
        const none = await asked(nowhere);
        const late = there.includes("Error:");
        if (late || there !== none)
          faults.push(`${role} ${operation.method} ${operation.path}: ${there} / ${none}`);
      }
    });
    expect(faults).toEqual([]);
  }, 300_000);
});

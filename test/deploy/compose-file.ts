import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");

const names = z.record(z.string(), z.unknown());
const service = z.looseObject({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() }).nullable()),
  volumes: names,
});

export type ComposeFile = z.infer<typeof composeFile>;
export type Service = z.infer<typeof service>;

/** A variable that has to be set and is not. */
export class Unset extends Error {}

/** What Compose makes of the file: anchors merged, then variables filled in. Throws `Unset`. */
export function loadCompose(env: Readonly<Record<string, string>>): {
  readonly raw: unknown;
  readonly file: ComposeFile;
} {
  const raw = fillIn(parse(read("docker-compose.yml"), { merge: true }), env);
  return { raw, file: composeFile.parse(raw) };
}

const variable = /\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/g;

/** In every value: `${NAME}`, `${NAME:-default}` and `${NAME:?complaint}`, which the file uses of Compose's forms. */
function fillIn(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => fillIn(one, env));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillIn(one, env)]));
  }
  if (typeof value !== "string") return value;
  return value.replace(variable, (_, name: string, form: string | undefined, rest = "") => {
    const given = env[name] ?? "";
    if (given !== "" || form === undefined) return given;
    if (form === ":?") throw new Unset(`${name}: ${rest}`);
    return rest;
  });
}

/** The names that the file takes from its environment. */
export function variables(): readonly string[] {
  return [...new Set([...read("docker-compose.yml").matchAll(variable)].map(([, name = ""]) => name))];
}

/** `NAME=value` lines; with `commented`, also those that are there to be uncommented. */
export function readEnv(text: string, { commented = false } = {}): Readonly<Record<string, string>> {
  const lines = text.matchAll(commented ? /^#?(\w+)=(.*)$/gm : /^(\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}

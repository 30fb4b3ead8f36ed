import type { Made } from "./manifest.ts";

/** What the errand `finish` answers, as JSON. `sha256`: of `manifestText`. */
export interface Finished extends Made {
  readonly sha256: string;
}

const fileFields = { name: "string", mime: "string", bytes: "number", sha256: "string" } as const;
const spanFields = { durationMs: "number", from: "number", to: "number" } as const;

export function isFinished(value: unknown): value is Finished {
  if (!has(value, { sha256: "string" })) return false;
  if (!("files" in value) || !Array.isArray(value.files) || !("fault" in value)) return false;
  const { files, fault } = value;
  return (fault === null || typeof fault === "string") && files.every(isFile);
}

function isFile(value: unknown): boolean {
  if (!has(value, { ...fileFields, ...spanFields }) || !("person" in value)) return false;
  return value.person === null || typeof value.person === "string";
}

function has(value: unknown, fields: Readonly<Record<string, string>>): value is object {
  if (typeof value !== "object" || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  return Object.entries(fields).every(([name, type]) => typeof entries.get(name) === type);
}

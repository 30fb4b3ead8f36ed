import { readdir } from "node:fs/promises";
import type { ProtocolModules } from "./operations.ts";

const folder = new URL("../../core/protocol/", import.meta.url);

/** Loads the files of `core/protocol` that the wire's REST side is written in. */
export async function loadProtocolModules(): Promise<ProtocolModules> {
  const files = (await readdir(folder)).filter(
    (file) => /^(rest.*|cluster)\.ts$/.test(file) && !file.endsWith(".test.ts"),
  );
  const modules = files.sort().map(async (file) => {
    const exported: Readonly<Record<string, unknown>> = await import(new URL(file, folder).href);
    return [file.replace(/\.ts$/, ""), exported] as const;
  });
  return Object.fromEntries(await Promise.all(modules));
}

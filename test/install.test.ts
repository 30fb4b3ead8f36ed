import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8"));

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    optionalDependencies: versions,
    scripts: versions,
  })
  .parse(read("package.json"));
const { packages } = z
  .object({ packages: z.record(z.string(), z.record(z.string(), z.unknown())) })
  .parse(read("package-lock.json"));

describe("an install", () => {
  it("takes exact versions alone", () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
    })) {
      expect(version, name).toMatch(/^(npm:[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
  });

  it("names no registry, so that any will do", () => {
    expect(Object.entries(packages).filter(([, entry]) => "resolved" in entry)).toEqual([]);
  });

  it("leaves no binary out because of the Node or the libc that npm sees: npm run relax-lock", () => {
    const strict = Object.entries(packages).filter(
      ([, entry]) => entry.optional === true && ("engines" in entry || "libc" in entry),
    );
    expect(strict.map(([name]) => name)).toEqual([]);
  });

  it("runs every script on the pinned Node, not on the one that runs npm", () => {
    const own = Object.entries(manifest.scripts).filter(([, script]) => script.startsWith("node "));
    expect(own.length).toBeGreaterThan(3);
    for (const [name, script] of own) expect(script, name).toMatch(/^node app\/run\.mjs /);
  });
});

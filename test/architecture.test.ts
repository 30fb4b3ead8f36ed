import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Each part of the tree and what it may import, besides itself: docs/architecture.md says why. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "core/domain": [],
  "core/protocol": ["core/domain"],
  "core/platform": ["core/domain", "core/protocol"],
  media: ["core"],
  rooms: ["core", "media"],
  api: ["core"],
  "client/sdk": ["core/domain", "core/protocol"],
  "client/web": ["core/domain", "core/protocol", "client/sdk"],
  "app/cli": ["core/domain", "core/protocol"],
  app: ["core", "media", "rooms", "api", "client"],
};
/** Types alone may also come from here: the schema of a room's state is its clients' contract. */
const mayImportTypes: Readonly<Record<string, readonly string[]>> = { "client/sdk": ["rooms/state"] };
/** The pure parts take no package but these. */
const packages: Readonly<Record<string, readonly string[]>> = { "core/domain": [], "core/protocol": ["zod"] };

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typesOnly: boolean;
}

const parts = Object.keys(mayImport);
const partOf = (path: string): string | undefined => parts.find((part) => path.startsWith(`${part}/`));

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => partOf(file) && /\.(ts|svelte)$/.test(file))
  .filter((file) => !/node_modules|\.svelte-kit|\/build\/|\.test\.ts$/.test(file));

const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), "utf8");
  const statements = source.matchAll(
    /(?:^|\n)\s*(import|export)\s+(type\s)?(?:[^;"'`]*?\sfrom\s+)?["']([^"']+)["']/g,
  );
  return [...statements].flatMap(([, , types, target = ""]) => [{ file, target, typesOnly: Boolean(types) }]);
}

/** The imported file's path in the tree; null for packages, ours included, and for what a tool resolves. */
function resolved({ file, target }: Import): string | null {
  if (target.startsWith("$sdk") || target.startsWith("$core") || target.endsWith("/package.json"))
    return null;
  return target.startsWith(".") ? relative(root, normalize(join(root, dirname(file), target))) : null;
}

describe("the architecture", () => {
  it("was read", () => {
    expect(files.length).toBeGreaterThan(80);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it("lets no arrow run backwards", () => {
    const wrong = imports.filter((one) => {
      const target = resolved(one);
      const from = partOf(one.file);
      if (target === null || from === undefined || target.startsWith(`${from}/`)) return false;
      const allowed = [...(mayImport[from] ?? []), ...(one.typesOnly ? (mayImportTypes[from] ?? []) : [])];
      return !allowed.some((part) => target.startsWith(`${part}/`));
    });
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it("keeps the domain free of packages, and the protocol to zod", () => {
    const wrong = imports.filter(({ file, target }) => {
      const allowed = packages[partOf(file) ?? ""];
      return allowed !== undefined && !target.startsWith(".") && !allowed.includes(target);
    });
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it("has no cycles", () => {
    const edges = new Map<string, string[]>();
    for (const one of imports) {
      const target = resolved(one);
      if (target !== null && !one.typesOnly) edges.set(one.file, [...(edges.get(one.file) ?? []), target]);
    }
    expect(findCycle(edges)).toBeNull();
  });

  it("reads the environment in one place, and the command line's in one of its own", () => {
    const readers = files.filter((file) =>
      /process\s*\.\s*env\b/.test(readFileSync(join(root, file), "utf8")),
    );
    expect(readers).toEqual(["app/cli/settings.ts", "core/platform/config.ts"]);
  });

  it("lets the command line speak to a server as any client does", () => {
    const inServer = imports.filter(
      ({ file, target }) => /^app\/(?!cli)/.test(file) && /\/cli\//.test(target),
    );
    expect(inServer).toEqual([]);
    expect(imports.filter(({ file }) => file.startsWith("app/cli/")).length).toBeGreaterThan(30);
  });

  it("exports names, never defaults", () => {
    const wrong = files.filter(
      (file) =>
        !/^client\/web\/(svelte|vite)\.config\.ts$/.test(file) &&
        /^export default/m.test(readFileSync(join(root, file), "utf8")),
    );
    expect(wrong).toEqual([]);
  });
});

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" → ");
    if (done.has(file)) return null;
    path.push(file);
    for (const target of edges.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return null;
}

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What tests need from the machine: the names a binary may have, and the Debian package that brings it. */
const tools = {
  initdb: { names: ["initdb"], package: "postgresql" },
  "redis-server": { names: ["redis-server"], package: "redis-server" },
  /** Draws for nobody, and is a quarter quicker for that; it has no camera and no microphone to give. */
  "chromium-headless-shell": {
    names: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"],
    package: "chromium-headless-shell",
  },
  chromium: { names: ["chromium", "chromium-browser", "google-chrome"], package: "chromium" },
  nginx: { names: ["nginx"], package: "nginx" },
  envsubst: { names: ["envsubst"], package: "gettext-base" },
  turnserver: { names: ["turnserver"], package: "coturn" },
  ffmpeg: { names: ["ffmpeg"], package: "ffmpeg" },
  clamd: { names: ["clamd"], package: "clamav-daemon" },
  openssl: { names: ["openssl"], package: "openssl" },
} as const;

export type Tool = keyof typeof tools;

/**
 * The path of a binary. Where it is missing, its package is installed if that can be done without asking
 * (root on Debian or Ubuntu); otherwise this throws and says what to install.
 */
export async function findTool(tool: Tool): Promise<string> {
  const found = locate(tool);
  if (found) return found;
  const name = tools[tool].package;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`The tests need ${tool}. Install the package "${name}" and run them again.`);
  }
  process.stderr.write(`${tool} is missing: installing the package "${name}" …\n`);
  await install(name);
  const installed = locate(tool);
  if (installed) return installed;
  throw new Error(`The package "${name}" was installed, but ${tool} was not found in it.`);
}

function locate(tool: Tool): string | undefined {
  return [...postgresFolders(), ...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"]
    .flatMap((folder) => tools[tool].names.map((name) => join(folder, name)))
    .find(isExecutable);
}

/** Debian keeps PostgreSQL's own binaries out of PATH, by version. Newest first. */
function postgresFolders(): readonly string[] {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(base, version, "bin"));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs one package; several test processes that find the same tool missing go one after another. */
function install(name: string): Promise<void> {
  const script = `apt-get update -q && apt-get install -qy --no-install-recommends ${name}`;
  const child = spawn("flock", ["/tmp/hugmedo-apt.lock", "sh", "-c", script], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", 2, 2],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`Installing "${name}" failed (${code}). Install it by hand.`)),
    );
  });
}

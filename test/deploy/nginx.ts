import { execFile, spawnSync } from "node:child_process";
import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../support/ports.ts";
import { launch, serviceIdentity, temporaryFolder } from "../support/processes.ts";
import { findTool } from "../support/tools.ts";

const run = promisify(execFile);
const deploy = fileURLToPath(new URL("../../deploy/nginx/", import.meta.url));
/** With one worker: each looks names up for itself, and a test could not say when all of them have. */
const template = readFileSync(join(deploy, "nginx.conf.template"), "utf8").replace(
  "worker_processes auto;",
  "worker_processes 1;",
);

export interface NginxOptions {
  /** The name service. */
  readonly resolver: string;
  /** Every process's port; each has an address of its own. */
  readonly roomsPort: number;
  /** What a test changes in the template, to see that it would notice. */
  readonly spoil?: (template: string) => string;
}

/** Debian's nginx under the configuration that the containers' nginx has. */
export interface Nginx {
  /** `https://localhost:<port>` */
  readonly url: string;
  /** `localhost:<port>` */
  readonly host: string;
  readonly httpUrl: string;
  /** The certificate, which nobody has signed but itself (PEM), and the file it is in. */
  readonly certificate: string;
  readonly certificateFile: string;
  /** Everything it has logged anywhere. */
  logs(): string;
  /** One entry a request, as written. */
  entries(): readonly Readonly<Record<string, unknown>>[];
  dispose(): Promise<void>;
}

/** Makes a certificate by our script, fills the template in as the official image does, and starts nginx. */
export async function startNginx({ resolver, roomsPort, spoil }: NginxOptions): Promise<Nginx> {
  const command = await findTool("nginx");
  const envsubst = await findTool("envsubst");
  await findTool("openssl");
  const identity = serviceIdentity();
  const folder = temporaryFolder("nginx", identity);
  const [http, https] = [await freePort(), await freePort()];
  const host = `localhost:${https}`;
  await run("sh", [
    join(deploy, "make-certificate.sh"),
    folder.path,
    host,
    ...(identity ? [`${identity.uid}:${identity.gid}`] : []),
  ]);
  const accessLog = join(folder.path, "access.log");
  const config = join(folder.path, "nginx.conf");
  const settings = {
    NGINX_PUBLIC_HOST: host,
    NGINX_LISTEN_HTTP: `127.0.0.1:${http}`,
    NGINX_LISTEN_HTTPS: `127.0.0.1:${https}`,
    NGINX_CERTIFICATES: folder.path,
    NGINX_RESOLVER: resolver,
    NGINX_ROOMS_HOST: "rooms",
    NGINX_ROOMS_PORT: String(roomsPort),
    NGINX_ACCESS_LOG: accessLog,
    NGINX_SCRATCH: folder.path,
  };
  writeFileSync(config, fillIn(envsubst, spoil ? spoil(template) : template, settings));
  writeFileSync(accessLog, "");
  if (identity) chownSync(accessLog, identity.uid, identity.gid);
  const nginx = await launch({
    command,
    // It says more about itself than in a container, so that it can be seen to have started.
    args: ["-c", config, "-g", "daemon off; error_log stderr notice;"],
    cwd: "/",
    env: {},
    ready: /start worker processes/,
    readyWithin: 20_000,
    ...(identity ? { identity } : {}),
    abort: "SIGTERM",
  });
  const certificateFile = join(folder.path, "fullchain.pem");
  return {
    url: `https://${host}`,
    host,
    httpUrl: `http://localhost:${http}`,
    certificate: readFileSync(certificateFile, "utf8"),
    certificateFile,
    logs: () => nginx.output() + readFileSync(accessLog, "utf8"),
    entries: () =>
      readFileSync(accessLog, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    dispose: async () => {
      nginx.signal("SIGTERM");
      await nginx.exited;
      folder.remove();
    },
  };
}

/** As docker-entrypoint.d/20-envsubst-on-templates.sh does it with NGINX_ENVSUBST_FILTER=^NGINX_. */
function fillIn(envsubst: string, text: string, settings: Readonly<Record<string, string>>): string {
  const names = Object.keys(settings).map((name) => `\${${name}}`);
  const { status, stdout, stderr } = spawnSync(envsubst, [names.join(" ")], {
    input: text,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...settings },
  });
  if (status !== 0) throw new Error(`envsubst failed: ${stderr}`);
  return stdout;
}

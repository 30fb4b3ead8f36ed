import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./processes.ts";
import { findTool } from "./tools.ts";

/** What a server shows (PEM). */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of the test's own. */
export interface Authority {
  /** Its certificate (PEM), and the file that it is in. */
  readonly ca: string;
  readonly file: string;
  /** Of a name, as `DNS:a.example` or `IP:127.0.0.1`. */
  issue(name: string, how?: "good" | "expired" | "self-signed"): Certificate;
  remove(): void;
}

export async function createAuthority(): Promise<Authority> {
  const openssl = await findTool("openssl");
  const folder = temporaryFolder("authority");
  const at = (file: string): string => join(folder.path, file);
  const run = (...args: readonly string[]) =>
    execFileSync(openssl, args, { cwd: folder.path, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"] as const;
  run(
    ...(["req", "-x509", ...newKey, "ca.key", "-out", "ca.pem", "-days", "30"] as const),
    ...(["-subj", "/CN=An authority of a clinic", "-addext", "keyUsage=critical,keyCertSign"] as const),
  );
  let issued = 0;
  return {
    ca: readFileSync(at("ca.pem"), "utf8"),
    file: at("ca.pem"),
    issue: (name, how = "good") => {
      issued += 1;
      const [key, cert] = [`${issued}.key`, `${issued}.pem`];
      if (how === "self-signed") {
        const own = ["-subj", "/CN=itself", "-addext", `subjectAltName=${name}`] as const;
        run("req", "-x509", ...newKey, key, "-out", cert, "-days", "30", ...own);
      } else {
        run("req", ...newKey, key, "-out", "csr", "-subj", "/CN=a receiver");
        writeFileSync(at("ext"), `subjectAltName=${name}\nextendedKeyUsage=serverAuth\n`);
        const signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext"] as const;
        const days = how === "expired" ? "-1" : "30";
        run("x509", "-req", "-in", "csr", "-out", cert, "-days", days, ...signer);
      }
      return { cert: readFileSync(at(cert), "utf8"), key: readFileSync(at(key), "utf8") };
    },
    remove: folder.remove,
  };
}

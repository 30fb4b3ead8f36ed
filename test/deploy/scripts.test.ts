import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/processes.ts";
import { loadCompose, read, readEnv, root } from "./compose-file.ts";

/** A folder with a `docker` that only notes what it is asked for, and answers what is said here. */
function workplace(answer: string) {
  const folder = temporaryFolder("deploy");
  onTestFinished(() => folder.remove());
  const docker = join(folder.path, "docker");
  writeFileSync(docker, `#!/bin/sh\necho "$*" >> "${folder.path}/asked"\n${answer}\n`);
  chmodSync(docker, 0o755);
  writeFileSync(join(folder.path, "asked"), "");
  return {
    path: folder.path,
    run: (...command: readonly [string, ...string[]]) => {
      const [name, ...args] = command;
      const env = { PATH: `${folder.path}:${process.env.PATH}` };
      return spawnSync(name, args, { cwd: folder.path, env, encoding: "utf8" });
    },
    asked: () => readFileSync(join(folder.path, "asked"), "utf8").split("\n").filter(Boolean),
  };
}

test("what the page says for a first try makes settings that the compose file takes", () => {
  const { path, run, asked } = workplace("");
  copyFileSync(join(root, ".env.example"), join(path, ".env.example"));
  const [, commands = ""] = /## Try it\n\n```sh\n([\s\S]*?)```/.exec(read("docs/deployment.md")) ?? [];
  expect(run("sh", "-euc", commands)).toMatchObject({ status: 0, stderr: "" });
  expect(asked()).toEqual(["compose up --detach --scale rooms=3"]);
  const env = readEnv(readFileSync(join(path, ".env"), "utf8"));
  for (const name of ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "MINIO_PASSWORD"])
    expect(env[name]).toMatch(/^[0-9a-f]{48}$/);
  expect(loadCompose(env).file.services.rooms?.environment).toMatchObject({ DEMO: "1" });
});

const replace = join(root, "deploy/replace-processes.sh");

test("processes are replaced one after another, each when a new one is well", () => {
  const { run, asked } = workplace('if [ "$2" = ps ]; then printf "aaa\\nbbb\\n"; fi');
  expect(run("sh", replace).status).toBe(0);
  const more = "compose up --detach --wait --no-deps --no-recreate --scale rooms=3 rooms";
  expect(asked()).toEqual([
    "compose ps --quiet rooms",
    ...[more, "stop aaa", "rm aaa"],
    ...[more, "stop bbb", "rm bbb"],
  ]);
});

test("where a new process does not come to life, the old ones stay", () => {
  const { run, asked } = workplace('if [ "$2" = ps ]; then echo aaa; else exit 1; fi');
  expect(run("sh", replace).status).toBe(1);
  expect(asked().filter((one) => /^(stop|rm)/.test(one))).toEqual([]);
});

test("a certificate that is there is left alone", () => {
  const { path, run } = workplace("");
  const make = join(root, "deploy/nginx/make-certificate.sh");
  expect(run("sh", make, path, "clinic.example:8443").status).toBe(0);
  const certificate = readFileSync(join(path, "fullchain.pem"), "utf8");
  expect(run("sh", make, path, "clinic.example").stdout).toMatch(/is used/);
  expect(readFileSync(join(path, "fullchain.pem"), "utf8")).toBe(certificate);
  const { stdout } = run("openssl", "x509", "-in", "fullchain.pem", "-noout", "-ext", "subjectAltName");
  expect(stdout).toContain("DNS:clinic.example");
  const key = run("openssl", "pkey", "-in", "privkey.pem", "-pubout").stdout;
  expect(run("openssl", "x509", "-in", "fullchain.pem", "-noout", "-pubkey").stdout).toBe(key);
});

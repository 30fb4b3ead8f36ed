import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { loadConfig } from "../core/platform/config.ts";
import { createGuards } from "../core/platform/resilience/guards.ts";
import type { Levels } from "../core/platform/telemetry/levels.ts";
import { createMetrics } from "../core/platform/telemetry/metrics.ts";
import { samplesOf } from "./support/exposition.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const folder = `${root}deploy/monitoring`;

const dependencies = createGuards({ now: Date.now, log: { warn: () => {}, info: () => {} } });
dependencies.guard("object_store");
dependencies.watch("redis");
const pool = { used: 1, limit: 2, awaited: 0 };
const levels: Levels = {
  checks: () => ({}),
  roomsAwake: () => ({ chat: 1, waiting: 0, consultation: 0 }),
  people: () => 1,
  callers: () => 2,
  mediaFailing: () => new Map([["chime", true]]),
  connections: () => 1,
  appendsWaiting: () => 0,
  draining: () => false,
  suspended: () => false,
  leaseAge: () => 0,
  mediaNode: () => ({ workers: 1, sessions: 0, producers: 0, consumers: 0 }),
  pools: () => ({ appends: pool, others: pool, tenants: pool }),
  dependencies,
  auditUnsealed: () => 0,
  webhooks: () => ({ lag: 0, dead: 0, stopped: 0 }),
  projectionLag: () => ({ webhooks: 1 }),
  horizonAge: () => 0,
  projectionFailures: () => ({ webhooks: 0 }),
};
const metrics = createMetrics();
metrics.watch(levels);
const text = metrics.text({ database: true, redis: true, lease: true, intake: true, event_loop: true });
const types = new Map(
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]),
);
/** As queries may name them. */
const queried = new Set(
  [...types].flatMap(([name, type]) =>
    type === "histogram" ? ["_bucket", "_sum", "_count"].map((suffix) => name + suffix) : [name],
  ),
);

const rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
  annotations: z.strictObject({ summary: z.string().max(160) }),
});
const { groups } = z
  .strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })) })
  .parse(parse(read("deploy/monitoring/alerts.yml")));
const alerts = groups.flatMap(({ rules }) => rules);
const docs = read("docs/monitoring.md");

describe("what is measured", () => {
  it("has names and units as Prometheus wants them, and says what to do with each", () => {
    for (const [name, type] of types) {
      expect(name).toMatch(/^hugmedo_[a-z_]+$/);
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
      expect(name).not.toMatch(/_ms\b|milli|_kb\b|_mb\b/);
    }
    const helps = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)];
    expect(helps).toHaveLength(types.size);
    for (const [, , help = ""] of helps) expect(help).toMatch(/^[A-Z0-9].{10,250}[.]$/);
  });

  it("has few series, whose labels say nothing of anybody", () => {
    const series = [...samplesOf(text).keys()];
    expect(series.length).toBeLessThan(500);
    const labels = new Set(series.flatMap((one) => [...one.matchAll(/([a-z]+)="/g)].map(([, name]) => name)));
    expect([...labels].sort()).toEqual([
      "backend",
      "cause",
      "check",
      "dependency",
      "kind",
      "le",
      "outcome",
      "pool",
      "projection",
      "reason",
    ]);
  });

  it("is explained in docs/monitoring.md, each metric once and no other", () => {
    const table = docs.slice(docs.indexOf("## What is measured"), docs.indexOf("**What it costs.**"));
    const rows = table.split("\n").filter((row) => row.startsWith("| `"));
    const explained = rows.flatMap((row) =>
      [...(row.split(" | ")[0] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => `hugmedo_${name}`),
    );
    expect(explained.toSorted()).toEqual([...types.keys()].sort());
  });
});

describe("the alerts", () => {
  const named = (query: string) => [...query.matchAll(/hugmedo_\w+/g)].map(([name]) => name);

  it("ask for what is measured, with labels that it has", () => {
    const series = [...samplesOf(text).keys()].join("\n");
    for (const { alert, expr } of alerts) {
      const names = named(expr);
      expect([alert, names.filter((name) => !queried.has(name))]).toEqual([alert, []]);
      expect([alert, names.length > 0 || expr.includes("up{")]).toEqual([alert, true]);
      for (const [, label] of expr.matchAll(/([a-z]+="(?!hugmedo")[^"]+")/g)) expect(series).toContain(label);
    }
  });

  it("each have a line in docs/monitoring.md that says what to do, under the same urgency", () => {
    const explained = [...docs.matchAll(/^\| `(Hugmedo\w+)` \| (\w+) \| .{20,}\|$/gm)].map(
      ([, alert, severity]) => ({ alert, severity }),
    );
    expect(explained).toEqual(alerts.map(({ alert, labels }) => ({ alert, severity: labels.severity })));
  });

  it("are tested where promtool is", ({ skip }) => {
    if (spawnSync("promtool", ["--version"]).status !== 0) skip("promtool is not installed");
    const run = (...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync("promtool", args, {
        cwd: folder,
        encoding: "utf8",
        input: text,
      });
      expect([args, status, `${stdout}${stderr}`]).toEqual([args, 0, expect.anything()]);
    };
    run("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml");
    run("test", "rules", "alerts.test.yml");
    run("check", "config", "--syntax-only", "prometheus.yml");
    run("check", "metrics");
  });
});

it("queries in docs/monitoring.md ask for what is measured", () => {
  const query = docs.slice(docs.indexOf("```promql"), docs.indexOf("## The log"));
  const names = [...query.matchAll(/hugmedo_\w+/g)].map(([name]) => name);
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !queried.has(name))).toEqual([]);
});

it("Prometheus' configuration reads what a process serves, with the token, and the alerts", () => {
  const { scrape_configs: jobs, rule_files: files } = z
    .object({
      rule_files: z.array(z.string()),
      scrape_configs: z.array(
        z.object({
          job_name: z.string(),
          metrics_path: z.string(),
          authorization: z.strictObject({ credentials_file: z.string() }),
          dns_sd_configs: z.array(z.looseObject({ names: z.array(z.string()), port: z.number() })),
        }),
      ),
    })
    .parse(parse(read("deploy/monitoring/prometheus.yml")));
  expect(files).toEqual(["alerts.yml"]);
  expect(jobs).toMatchObject([{ job_name: "hugmedo", metrics_path: "/metrics" }]);
  const { port } = loadConfig({});
  expect(jobs[0]?.dns_sd_configs).toMatchObject([{ names: ["rooms"], port }]);
  expect(Object.keys(parse(read("docker-compose.yml"), { merge: true }).services)).toContain("rooms");
});

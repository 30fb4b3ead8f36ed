import express, { type Express, type Request, type Response } from "express";
import { toRejection } from "../core/domain/errors.ts";
import { assertMonitor, type Monitors } from "./endpoint.ts";
import { bearerOf } from "./http/incoming.ts";
import { sendProblem } from "./http/problem.ts";
import type { ApiDeps } from "./ports.ts";
import { readinessOf } from "./routes/health/readyz.ts";
import { runChecks } from "./routes/health/run-checks.ts";

type MonitorDeps = Pick<ApiDeps, "checks" | "dependencies" | "metrics"> & Monitors;

/** What a process without rooms and API answers: whether it lives, whether it can do its work, and what it measures. */
export function createMonitor({ checks, dependencies, metrics, ...monitors }: MonitorDeps): Express {
  const app = express();
  app.disable("x-powered-by");
  app.get("/healthz", (_, response) => void response.json({ status: "ok" }));
  app.get("/readyz", async (_, response) => {
    const shown = await readinessOf({ checks, dependencies });
    response.status(shown.status === "not_ready" ? 503 : 200).json(shown);
  });
  app.get("/metrics", async (request, response) => {
    await assertMonitor(bearerOf(request), monitors);
    const outcomes = await runChecks(checks);
    const flags = Object.fromEntries(outcomes.map(({ name, reason }) => [name, reason === null]));
    response.type("text/plain; version=0.0.4; charset=utf-8").send(metrics.text(flags));
  });
  app.use((_, response) => void response.status(404).end());
  app.use((error: unknown, _: Request, response: Response, __: () => void) =>
    sendProblem(response, toRejection(error), "-"),
  );
  return app;
}

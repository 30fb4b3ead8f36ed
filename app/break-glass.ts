import { randomBytes } from "node:crypto";
import type { BreakGlassPort } from "../api/break-glass-port.ts";
import { createBreakGlass } from "../core/platform/repositories/break-glass.ts";
import type { Context } from "./context.ts";

/** Emergencies as the API opens them. Whoever watches is told that there was one, and of nobody. */
export function openBreakGlass({
  database,
  keys,
  clock,
  log,
  metrics,
}: Pick<Context, "keys" | "clock" | "log" | "metrics"> & {
  readonly database: Pick<Context["database"], "tenants">;
}): BreakGlassPort {
  const glasses = createBreakGlass(database.tenants, keys);
  return {
    newId: () => randomBytes(12).toString("hex"),
    open: async ({ minutes, ...glass }) => {
      const openedAt = clock.now();
      const expiresAt = openedAt + minutes * 60_000;
      await glasses.open({ ...glass, openedAt, expiresAt });
      metrics.glassesBroken.add();
      log.warn({ breakGlass: glass.id, kind: glass.ref.kind, minutes }, "somebody broke the glass of a room");
      return { openedAt, expiresAt };
    },
    holding: (org, person, ref) => glasses.holding(org, person, ref, clock.now()),
    list: glasses.list,
  };
}

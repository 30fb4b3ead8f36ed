import { resolve } from "node:path";
import { z } from "zod";
import type { ClusterSettings } from "./cluster.ts";
import { ConfigError } from "./config-error.ts";
import { flag, listed, webUrl } from "./values.ts";

export const serverSettings = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(2567),
  PUBLIC_ADDRESS: webUrl.optional(),
  ALLOWED_ORIGINS: z.string().default("").transform(listed).pipe(z.array(webUrl)),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  DATA_DIR: z.string().min(1).default(".data"),
  KEY_FILE: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]{32,}=*$/, "32 or more of A-Z a-z 0-9 . _ ~ + / - (openssl rand -hex 32)")
    .optional(),
  DEMO: flag.optional(),
});

export type ServerSettings = z.infer<typeof serverSettings>;

export interface ServerConfig {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where browsers reach us, when that is not simply the port on this host. */
  readonly publicAddress: string | null;
  /** Origins of other sites whose pages may use the API and join rooms. */
  readonly allowedOrigins: readonly string[];
  /** How many proxies in front of us write forwarded addresses that may be believed. */
  readonly trustedProxies: number;
  readonly dataDir: string;
  /** Master keys that wrap every data key; by default `master-keys.json` in `dataDir`. */
  readonly keyFile: string;
  readonly logLevel: string;
  /** Lets a monitoring system read the metrics; null: operators alone may. */
  readonly metricsToken: string | null;
  /** Seed the demo organisation and its accounts. */
  readonly demo: boolean;
}

export function serverConfig(e: ServerSettings & Pick<ClusterSettings, "DATABASE_URL">): ServerConfig {
  const production = e.NODE_ENV === "production";
  if (production && e.DEMO) {
    throw new ConfigError("DEMO: demo accounts are refused with NODE_ENV=production. Unset one of the two.");
  }
  const dataDir = resolve(e.DATA_DIR);
  return {
    production,
    host: e.HOST,
    port: e.PORT,
    publicAddress: e.PUBLIC_ADDRESS ?? null,
    allowedOrigins: e.ALLOWED_ORIGINS.map((origin) => new URL(origin).origin),
    trustedProxies: e.TRUSTED_PROXIES,
    dataDir,
    keyFile: resolve(e.KEY_FILE ?? `${dataDir}/master-keys.json`),
    logLevel: e.LOG_LEVEL ?? (production ? "info" : "warn"),
    metricsToken: e.METRICS_TOKEN ?? null,
    demo: e.DEMO ?? (e.DATABASE_URL === undefined && !production),
  };
}

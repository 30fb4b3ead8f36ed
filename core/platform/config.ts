import { z } from "zod";
import { type ClusterConfig, clusterConfig, clusterSettings } from "./config/cluster.ts";
import { ConfigError } from "./config/config-error.ts";
import { type FilesConfig, filesConfig, filesSettings } from "./config/files.ts";
import { type IdentityConfig, identityConfig, identitySettings } from "./config/identity.ts";
import { type LimitsConfig, limitSettings, limitsConfig } from "./config/limits.ts";
import {
  type MediaConfig,
  mediaConfig,
  mediaSettings,
  type RecordingConfig,
  recordingConfig,
  recordingSettings,
} from "./config/media.ts";
import { type RecordsConfig, recordsConfig, recordsSettings } from "./config/records.ts";
import { type S3Config, s3Config, s3Settings } from "./config/s3.ts";
import { type ServerConfig, serverConfig, serverSettings } from "./config/server.ts";
import { type WebhookConfig, webhookConfig, webhookSettings } from "./config/webhooks.ts";

/** The environment as it is documented in docs/configuration.md: one entry a setting, each with its default. */
const environment = z.object({
  ...serverSettings.shape,
  ...clusterSettings.shape,
  ...limitSettings.shape,
  ...mediaSettings.shape,
  ...recordingSettings.shape,
  ...webhookSettings.shape,
  ...recordsSettings.shape,
  ...s3Settings.shape,
  ...filesSettings.shape,
  ...identitySettings.shape,
});

export interface Config
  extends ServerConfig,
    ClusterConfig,
    LimitsConfig,
    RecordingConfig,
    WebhookConfig,
    IdentityConfig {
  readonly media: MediaConfig;
  readonly records: RecordsConfig;
  /** Where objects are kept; null: in `dataDir`. */
  readonly s3: S3Config | null;
  readonly files: FilesConfig;
}

/** Reads and checks the settings. Throws ConfigError. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: [name], message }) => `${String(name)}: ${message}`);
    throw new ConfigError(`Wrong settings in the environment. ${faults.join("; ")}`);
  }
  const settings = parsed.data;
  return {
    ...serverConfig(settings),
    ...clusterConfig(settings),
    ...limitsConfig(settings),
    media: mediaConfig(settings),
    ...recordingConfig(settings),
    ...webhookConfig(settings),
    records: recordsConfig(settings),
    s3: s3Config(settings),
    files: filesConfig(settings),
    ...identityConfig(settings),
  };
}

/** The settings as they may be shown: tokens, and passwords in URLs, are struck out. */
export function describeConfig(config: Config): Record<string, unknown> {
  return {
    ...config,
    databaseUrl: config.databaseUrl && redactUrl(config.databaseUrl),
    redisUrl: config.redisUrl && redactUrl(config.redisUrl),
    metricsToken: config.metricsToken && "***",
    media: { ...config.media, turnSecret: config.media.turnSecret && "***" },
  };
}

function redactUrl(value: string): string {
  const url = new URL(value);
  if (url.password) url.password = "***";
  for (const name of url.searchParams.keys()) {
    if (/pass|secret|key|token/i.test(name)) url.searchParams.set(name, "***");
  }
  return url.toString();
}

import { randomBytes } from "node:crypto";
import { availableParallelism, hostname, networkInterfaces } from "node:os";
import { delimiter, resolve } from "node:path";
import { z } from "zod";
import type { BackendName } from "../domain/call/state.ts";
import { type Role, roles } from "../domain/principal.ts";
import { isRange, privateRanges } from "./net/addresses.ts";

const flag = z.enum(["0", "1", "true", "false"]).transform((value) => value === "1" || value === "true");
const postgresUrl = z
  .string()
  .refine((value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value), "a postgres:// URL");

const redisUrl = z
  .string()
  .refine((value) => /^rediss?:\/\//.test(value) && URL.canParse(value), "a redis:// or rediss:// URL");

const awsRegion = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, "a region of AWS, like ap-northeast-1");

const s3Folder = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._-]+)*$/,
    "the ARN of a bucket, with a path where there is one: arn:aws:s3:::clinic-recordings/visits",
  );

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));

/** What Amazon Transcribe writes down live; `auto`: it finds out by itself. */
const transcriptions = [
  ...["auto", "de-DE", "en-AU", "en-GB", "en-US", "es-US", "fr-CA", "fr-FR"],
  ...["hi-IN", "it-IT", "ja-JP", "ko-KR", "pt-BR", "th-TH", "zh-CN"],
] as const;

const urls = (protocols: RegExp, what: string) =>
  z
    .string()
    .default("")
    .transform((list) => list.split(",").flatMap((one) => one.trim() || []))
    .pipe(z.array(z.string().regex(protocols, what)));

/** `doctors=clinician,reception=desk` */
const rolesMap = z
  .string()
  .regex(/^[^=,]+=[a-z]+(,[^=,]+=[a-z]+)*$/, "names and our roles, like doctors=clinician,reception=desk")
  .transform((text) => text.split(",").map((pair) => pair.split("=").map((part) => part.trim())))
  .pipe(z.array(z.tuple([z.string(), z.enum(roles).exclude(["system", "guest"])])))
  .transform((pairs) => Object.fromEntries(pairs));

/** The backends that this version has. */
const backends = ["chime", "mediasoup", "peer"] as const satisfies readonly BackendName[];

/** What a process may do. */
export const processRoles = ["rooms", "api", "media"] as const;
export type ProcessRole = (typeof processRoles)[number];

const list = (text: string): string[] => [...new Set(text.split(",").flatMap((one) => one.trim() || []))];

/** The environment as it is documented in docs/configuration.md: one entry a setting, each with its default. */
const environment = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(2567),
  PUBLIC_ADDRESS: z.url({ protocol: /^https?$/ }).optional(),
  ALLOWED_ORIGINS: z
    .string()
    .default("")
    .transform((list) => list.split(",").flatMap((origin) => origin.trim() || []))
    .pipe(z.array(z.url({ protocol: /^https?$/ }))),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  ROLES: z
    .string()
    .default(processRoles.join())
    .transform(list)
    .pipe(z.array(z.enum(processRoles)).min(1)),
  DATA_DIR: z.string().min(1).default(".data"),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10),
  REDIS_URL: redisUrl.optional(),
  PROCESS_NAME: z
    .string()
    .regex(/^[0-9a-f]{12}$/, "12 hexadecimal digits")
    .optional(),
  DRAIN_SECONDS: z.coerce.number().int().min(1).max(3_600).default(30),
  KEY_FILE: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]{32,}=*$/, "32 or more of A-Z a-z 0-9 . _ ~ + / - (openssl rand -hex 32)")
    .optional(),
  DEMO: flag.optional(),
  COMMANDS_PER_SECOND: z.coerce.number().min(1).max(10_000).default(20),
  API_READS_PER_SECOND: z.coerce.number().int().min(1).default(200),
  API_HEAVY_PER_MINUTE: z.coerce.number().int().min(1).default(60),
  API_STRANGERS_PER_SECOND: z.coerce.number().int().min(1).default(100),
  API_REQUESTS_PER_ORG: z.coerce.number().int().min(1).default(256),
  MEDIA_ORDER: z
    .string()
    .transform(list)
    .pipe(z.array(z.enum(backends)).min(1))
    .optional(),
  CHIME_REGION: awsRegion.optional(),
  CHIME_MEDIA_REGION: awsRegion.optional(),
  CHIME_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  CHIME_ECHO_REDUCTION: flag.default(false),
  MEDIASOUP_WORKER_BIN: z.string().min(1).optional(),
  MEDIASOUP_WORKERS: z.coerce.number().int().min(1).max(256).default(availableParallelism()),
  MEDIASOUP_PORT: z.coerce.number().int().min(0).max(65_000).default(0),
  MEDIASOUP_ANNOUNCED_ADDRESS: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/, "an address or a host name")
    .optional(),
  MEDIASOUP_CONTROL_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  MEDIASOUP_CONTROL_ADDRESS: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/, "host, or host:port")
    .optional(),
  PATH: z.string().default(""),
  CHIME_TRANSCRIPTION: z.enum(transcriptions).optional(),
  CHIME_RECORDING_BUCKET: s3Folder.optional(),
  CHIME_RECORDING_REGION: awsRegion.optional(),
  CHIME_RECORDING_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  STUN_URLS: urls(/^stuns?:[^\s,]+$/, "stun: or stuns: URLs, separated by commas"),
  TURN_URLS: urls(/^turns?:[^\s,]+$/, "turn: or turns: URLs, separated by commas"),
  TURN_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]{16,}=*$/, "16 or more of A-Z a-z 0-9 . _ ~ + / - (openssl rand -hex 32)")
    .optional(),
  TURN_TTL_SECONDS: z.coerce.number().int().min(60).max(86_400).default(14_400),
  FFMPEG_BIN: z.string().min(1).default("ffmpeg"),
  WEBHOOK_ALLOW_PRIVATE: z
    .string()
    .transform((text) => (text === "1" ? [...privateRanges] : text.split(",")))
    .refine((ranges) => ranges.every(isRange), "1, or ranges like 10.0.0.0/8, separated by commas")
    .default([]),
  RECORDING_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  AUDIT_SEAL_SECONDS: z.coerce.number().min(0.1).max(60).default(2),
  AUDIT_CHECKPOINT_ENTRIES: z.coerce.number().int().min(1).max(10_000).default(100),
  AUDIT_CHECKPOINT_SECONDS: z.coerce.number().min(1).max(86_400).default(60),
  AUDIT_CHECKPOINT_FILE: z.string().min(1).optional(),
  ERASURE_DAYS: z.coerce.number().min(0).max(90).default(7),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of a bucket")
    .optional(),
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{2,32}$/, "a region, like ap-northeast-1")
    .default("us-east-1"),
  S3_FORCE_PATH_STYLE: flag.default(false),
  S3_UPLOAD_ENDPOINT: httpUrl.optional(),
  CLAMD_ADDRESS: z
    .string()
    .regex(/^(\/[^\0]{1,107}|[A-Za-z0-9.-]{1,253}:\d{1,5})$/, "host:port, or the path of a socket")
    .optional(),
  FILES_UNSCANNED: z.enum(["accept", "refuse"]).optional(),
  FILES_MAX_MB: z.coerce.number().int().min(1).max(100).default(25),
  TOKEN_AUDIENCE: z.string().min(1).default("hugmedo"),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_JWKS: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_AUDIENCE: z.string().min(1).optional(),
  OIDC_AUDIENCE_CLAIM: z.enum(["aud", "client_id"]).default("aud"),
  OIDC_TOKEN_TYPE: z.string().default("at+jwt"),
  OIDC_ORG: z.string().min(1).optional(),
  OIDC_ORG_CLAIM: z.string().min(1).optional(),
  OIDC_ROLES_MAP: rolesMap.optional(),
  OIDC_ROLES_CLAIM: z.string().min(1).default("roles"),
});

export interface Config {
  readonly roles: readonly ProcessRole[];
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
  /** null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databasePool: number;
  /** What the processes of a cluster talk over; null: this process is alone. */
  readonly redisUrl: string | null;
  /** The first part of this process's id: 12 hexadecimal digits. In a container, its host name is that. */
  readonly processName: string;
  /** How long a process that is to end takes to hand its rooms to others. */
  readonly drainSeconds: number;
  /** Master keys that wrap every data key; by default `master-keys.json` in `dataDir`. */
  readonly keyFile: string;
  readonly logLevel: string;
  /** Lets a monitoring system read the metrics; null: operators alone may. */
  readonly metricsToken: string | null;
  /** Seed the demo organisation and its accounts. */
  readonly demo: boolean;
  /** Per connection; twice as many may come at once. */
  readonly commandsPerSecond: number;
  readonly limits: RateLimitsConfig;
  /** ffmpeg: a name on PATH, or a path. */
  readonly ffmpegBin: string;
  readonly media: MediaConfig;
  /** For how long a finished recording is kept (ms). */
  readonly keepRecordingsMs: number;
  readonly records: RecordsConfig;
  /** Where objects are kept; null: in `dataDir`. */
  readonly s3: S3Config | null;
  readonly files: FilesConfig;
  /** Ranges (CIDR) of private networks that webhooks may be sent to. */
  readonly webhookNetworks: readonly string[];
  readonly tokenAudience: string;
  /** An issuer besides our own whose tokens are taken; null: none. */
  readonly oidc: OidcConfig | null;
}

/** What a caller of the API may ask for. */
export interface RateLimitsConfig {
  readonly readsPerSecond: number;
  readonly commandsPerSecond: number;
  /** Searches and exports. */
  readonly heavyPerMinute: number;
  /** Of a network, by whoever has not signed in. */
  readonly strangersPerSecond: number;
  /** Requests of one organisation that a process has under way at once. */
  readonly requestsPerOrg: number;
}

export interface RecordsConfig {
  /** Between two looks of the audit's sealer. */
  readonly sealMs: number;
  /** The audit's next checkpoint follows so many entries, or so long after the last one. */
  readonly checkpointEntries: number;
  readonly checkpointMs: number;
  /** Checkpoints are also added to this file; null: to none. */
  readonly checkpointFile: string | null;
  /** Between a request to erase a person and its execution. */
  readonly erasureMs: number;
}

export interface MediaConfig {
  /** The backends that carry calls, in the order in which they are tried. */
  readonly order: readonly (typeof backends)[number][];
  readonly stunUrls: readonly string[];
  /** None: browsers have to reach each other directly. */
  readonly turnUrls: readonly string[];
  /** Shared with the TURN servers; they and we make the same passwords from it. */
  readonly turnSecret: string;
  /** How long such a password is good for. */
  readonly turnTtlSeconds: number;
  /** null: no calls run on Amazon Chime. */
  readonly chime: ChimeConfig | null;
  readonly mediasoup: MediasoupConfig;
}

export interface MediasoupConfig {
  /** Whether calls were said to run on it, so that it is a fault when they cannot. */
  readonly expected: boolean;
  /** Whether this process has a media node of its own. */
  readonly here: boolean;
  /** null: it is looked for in `path`, and then in the package. */
  readonly workerBin: string | null;
  readonly path: readonly string[];
  /** How many workers there are at most. */
  readonly workers: number;
  /** The first worker's, by UDP and TCP; the next has the next. 0: any free ones. */
  readonly port: number;
  /** Addresses of this machine, and as what browsers reach them; null: as themselves. */
  readonly listen: readonly { readonly ip: string; readonly announced: string | null }[];
  /** Where rooms in other processes reach the node; 0: any free port. */
  readonly controlPort: number;
  /** As what they reach it: host, and port where that is another. */
  readonly controlAddress: string;
}

/** The credentials are looked for where the AWS SDK looks for them. */
export interface ChimeConfig {
  /** Where meetings are made. */
  readonly region: string;
  /** Where they run; null: in the region that is nearest to this process. */
  readonly mediaRegion: string | null;
  /** In place of the public one of `region`. */
  readonly endpoint: string | null;
  /** Meetings allow their browsers Amazon's echo reduction. */
  readonly echoReduction: boolean;
  /** What is said in meetings is written down in this language; null: it is not. */
  readonly transcription: (typeof transcriptions)[number] | null;
  /** null: nothing is recorded by Amazon. */
  readonly recording: ChimeRecordingConfig | null;
}

/** Amazon's media pipelines. */
export interface ChimeRecordingConfig {
  /** The ARN of a bucket of the clinic's own, and a path in it where there is one. */
  readonly bucket: string;
  /** Where pipelines are made. */
  readonly region: string;
  /** In place of the public one of `region`. */
  readonly endpoint: string | null;
}

/** A bucket of Amazon S3, or of what speaks like it. */
export interface S3Config {
  readonly bucket: string;
  /** In place of the public one of `region`. */
  readonly endpoint: string | null;
  readonly region: string;
  /** The bucket's name goes into the path, not before the host. */
  readonly forcePathStyle: boolean;
  /** Where browsers reach it; empty: at the public one of `region`; null: they do not, and send files through us. */
  readonly uploadEndpoint: string | null;
}

/** Files that people send each other. */
export interface FilesConfig {
  /** Where clamd listens: `host:port`, or a socket's path; null: nothing is looked for. */
  readonly scanner: string | null;
  /** Whether files are taken that nobody looks into. */
  readonly unscanned: boolean;
  /** Of one file. */
  readonly maxBytes: number;
}

export interface OidcConfig {
  readonly issuer: string;
  /** Where its keys are; null: it is asked (OpenID Connect Discovery). */
  readonly jwks: string | null;
  readonly audience: string;
  readonly audienceClaim: "aud" | "client_id";
  /** The `typ` of its access tokens; null: they have none that says so (Cognito). */
  readonly tokenType: string | null;
  /** The organisation of everyone who comes from there, or the claim that names it. */
  readonly org: string | { readonly claim: string };
  /** The claim that lists a person's roles. */
  readonly rolesClaim: string;
  /** What those are called here; null: the same. */
  readonly rolesMap: Readonly<Record<string, Role>> | null;
}

/** The start is stopped by a setting that is wrong; the message names it and what it takes. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads and checks the settings. Throws ConfigError. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: [name], message }) => `${String(name)}: ${message}`);
    throw new ConfigError(`Wrong settings in the environment. ${faults.join("; ")}`);
  }
  const e = parsed.data;
  const production = e.NODE_ENV === "production";
  if (production && e.DEMO) {
    throw new ConfigError("DEMO: demo accounts are refused with NODE_ENV=production. Unset one of the two.");
  }
  if (e.REDIS_URL && !e.DATABASE_URL) {
    throw new ConfigError("REDIS_URL: several processes need one PostgreSQL. Set DATABASE_URL too.");
  }
  if (e.TURN_URLS.length > 0 && e.TURN_SECRET === undefined) {
    throw new ConfigError(
      "TURN_URLS: the servers need a secret that they share with us. Set TURN_SECRET too.",
    );
  }
  const dataDir = resolve(e.DATA_DIR);
  return {
    roles: rolesOf(e),
    production,
    host: e.HOST,
    port: e.PORT,
    publicAddress: e.PUBLIC_ADDRESS ?? null,
    allowedOrigins: e.ALLOWED_ORIGINS.map((origin) => new URL(origin).origin),
    trustedProxies: e.TRUSTED_PROXIES,
    dataDir,
    databaseUrl: e.DATABASE_URL ?? null,
    databasePool: e.DATABASE_POOL,
    redisUrl: e.REDIS_URL ?? null,
    processName: e.PROCESS_NAME ?? processName(hostname()),
    drainSeconds: e.DRAIN_SECONDS,
    keyFile: resolve(e.KEY_FILE ?? `${dataDir}/master-keys.json`),
    logLevel: e.LOG_LEVEL ?? (production ? "info" : "warn"),
    metricsToken: e.METRICS_TOKEN ?? null,
    demo: e.DEMO ?? (e.DATABASE_URL === undefined && !production),
    commandsPerSecond: e.COMMANDS_PER_SECOND,
    limits: {
      readsPerSecond: e.API_READS_PER_SECOND,
      commandsPerSecond: e.COMMANDS_PER_SECOND,
      heavyPerMinute: e.API_HEAVY_PER_MINUTE,
      strangersPerSecond: e.API_STRANGERS_PER_SECOND,
      requestsPerOrg: e.API_REQUESTS_PER_ORG,
    },
    ffmpegBin: e.FFMPEG_BIN,
    media: {
      order: mediaOrder(e),
      stunUrls: e.STUN_URLS,
      turnUrls: e.TURN_URLS,
      turnSecret: e.TURN_SECRET ?? "",
      turnTtlSeconds: e.TURN_TTL_SECONDS,
      chime: chimeOf(e),
      mediasoup: mediasoupOf(e),
    },
    keepRecordingsMs: e.RECORDING_RETENTION_DAYS * 86_400_000,
    records: {
      sealMs: e.AUDIT_SEAL_SECONDS * 1_000,
      checkpointEntries: e.AUDIT_CHECKPOINT_ENTRIES,
      checkpointMs: e.AUDIT_CHECKPOINT_SECONDS * 1_000,
      checkpointFile: e.AUDIT_CHECKPOINT_FILE ? resolve(e.AUDIT_CHECKPOINT_FILE) : null,
      erasureMs: e.ERASURE_DAYS * 86_400_000,
    },
    s3: s3Of(e),
    files: {
      scanner: e.CLAMD_ADDRESS ?? null,
      unscanned: e.FILES_UNSCANNED === undefined ? !production : e.FILES_UNSCANNED === "accept",
      maxBytes: e.FILES_MAX_MB * 1024 * 1024,
    },
    webhookNetworks: e.WEBHOOK_ALLOW_PRIVATE,
    tokenAudience: e.TOKEN_AUDIENCE,
    oidc: oidcOf(e),
  };
}

/** A container's host name is its short id, which the other containers can look up. */
function processName(host: string): string {
  return /^[0-9a-f]{12}$/.test(host) ? host : randomBytes(6).toString("hex");
}

function mediaOrder(e: z.infer<typeof environment>): MediaConfig["order"] {
  const { MEDIA_ORDER: order, CHIME_REGION: chime } = e;
  if (order?.includes("chime") && chime === undefined) {
    throw new ConfigError("MEDIA_ORDER: chime needs to know its region. Set CHIME_REGION too.");
  }
  const there: Readonly<Record<(typeof backends)[number], boolean>> = {
    chime: chime !== undefined,
    mediasoup: e.ROLES.includes("media") || e.DATABASE_URL !== undefined,
    peer: true,
  };
  return order ?? backends.filter((name) => there[name]);
}

function chimeOf(e: z.infer<typeof environment>): ChimeConfig | null {
  if (e.CHIME_REGION === undefined) return null;
  return {
    region: e.CHIME_REGION,
    mediaRegion: e.CHIME_MEDIA_REGION ?? null,
    endpoint: e.CHIME_ENDPOINT ?? null,
    echoReduction: e.CHIME_ECHO_REDUCTION,
    transcription: e.CHIME_TRANSCRIPTION ?? null,
    recording: e.CHIME_RECORDING_BUCKET
      ? {
          bucket: e.CHIME_RECORDING_BUCKET,
          region: e.CHIME_RECORDING_REGION ?? e.CHIME_REGION,
          endpoint: e.CHIME_RECORDING_ENDPOINT ?? null,
        }
      : null,
  };
}

/** Where a bucket has an address of its own, that may be one that browsers do not know. */
function s3Of(e: z.infer<typeof environment>): S3Config | null {
  if (e.S3_BUCKET === undefined) {
    if (e.S3_ENDPOINT !== undefined || e.S3_UPLOAD_ENDPOINT !== undefined) {
      throw new ConfigError("S3_BUCKET: an address of S3 needs a bucket. Set it too, or unset S3_*.");
    }
    return null;
  }
  return {
    bucket: e.S3_BUCKET,
    endpoint: e.S3_ENDPOINT ?? null,
    region: e.S3_REGION,
    forcePathStyle: e.S3_FORCE_PATH_STYLE,
    uploadEndpoint: e.S3_UPLOAD_ENDPOINT ?? (e.S3_ENDPOINT === undefined ? "" : null),
  };
}

/** Rooms and API share a port, and so a process. */
function rolesOf({ ROLES: roles, DATABASE_URL: url }: z.infer<typeof environment>): readonly ProcessRole[] {
  if (roles.includes("rooms") !== roles.includes("api")) {
    throw new ConfigError("ROLES: in this version rooms and api go together. Name both or none.");
  }
  if (!roles.includes("rooms") && url === undefined) {
    throw new ConfigError("ROLES: a media process finds the others by their database. Set DATABASE_URL too.");
  }
  return roles;
}

function mediasoupOf(e: z.infer<typeof environment>): MediasoupConfig {
  const announced = e.MEDIASOUP_ANNOUNCED_ADDRESS ?? ipOf(e.PUBLIC_ADDRESS);
  const own = ownAddress();
  const each = own === loopback ? [own] : [own, loopback];
  return {
    expected: e.MEDIA_ORDER?.includes("mediasoup") === true || !e.ROLES.includes("rooms"),
    here: e.ROLES.includes("media"),
    workerBin: e.MEDIASOUP_WORKER_BIN ?? null,
    path: e.PATH.split(delimiter).filter((folder) => folder !== ""),
    workers: e.MEDIASOUP_WORKERS,
    port: e.MEDIASOUP_PORT,
    listen: announced === null ? each.map((ip) => ({ ip, announced: null })) : [{ ip: "0.0.0.0", announced }],
    controlPort: e.MEDIASOUP_CONTROL_PORT,
    controlAddress: e.MEDIASOUP_CONTROL_ADDRESS ?? own,
  };
}

const loopback = "127.0.0.1";

/** The first by which other machines may reach this one. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? loopback;
}

/** A page's address says nothing of its machine's media, unless it is the machine's own. */
function ipOf(address: string | undefined): string | null {
  const host = address === undefined ? "" : new URL(address).hostname;
  return /^[0-9.]+$/.test(host) && !host.startsWith("127.") ? host : null;
}

function oidcOf(e: z.infer<typeof environment>): OidcConfig | null {
  const { OIDC_ISSUER: issuer, OIDC_JWKS: jwks = null, OIDC_AUDIENCE: audience } = e;
  const org = e.OIDC_ORG_CLAIM === undefined ? e.OIDC_ORG : { claim: e.OIDC_ORG_CLAIM };
  if (issuer === undefined && jwks === null && audience === undefined && org === undefined) return null;
  if (issuer === undefined || audience === undefined || org === undefined) {
    throw new ConfigError(
      "OIDC_ISSUER, OIDC_AUDIENCE and OIDC_ORG (or OIDC_ORG_CLAIM) belong together. Set all or none.",
    );
  }
  if (e.OIDC_ORG !== undefined && e.OIDC_ORG_CLAIM !== undefined) {
    throw new ConfigError(
      "OIDC_ORG: everyone's organisation is either the same or in a claim. Set one of them.",
    );
  }
  const tokenType = e.OIDC_TOKEN_TYPE === "any" ? null : e.OIDC_TOKEN_TYPE;
  return {
    issuer,
    jwks,
    audience,
    audienceClaim: e.OIDC_AUDIENCE_CLAIM,
    tokenType,
    org,
    rolesClaim: e.OIDC_ROLES_CLAIM,
    rolesMap: e.OIDC_ROLES_MAP ?? null,
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

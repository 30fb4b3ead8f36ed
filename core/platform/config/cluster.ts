import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { listedOnce } from "./values.ts";

/** What a process may do. */
const processRoles = ["rooms", "api", "media"] as const;
export type ProcessRole = (typeof processRoles)[number];

const postgresUrl = z
  .string()
  .refine((value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value), "a postgres:// URL");

const redisUrl = z
  .string()
  .refine((value) => /^rediss?:\/\//.test(value) && URL.canParse(value), "a redis:// or rediss:// URL");

export const clusterSettings = z.object({
  ROLES: z
    .string()
    .default(processRoles.join())
    .transform(listedOnce)
    .pipe(z.array(z.enum(processRoles)).min(1)),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10),
  REDIS_URL: redisUrl.optional(),
  PROCESS_NAME: z
    .string()
    .regex(/^[0-9a-f]{12}$/, "12 hexadecimal digits")
    .optional(),
  DRAIN_SECONDS: z.coerce.number().int().min(1).max(3_600).default(30),
});

export type ClusterSettings = z.infer<typeof clusterSettings>;

export interface ClusterConfig {
  readonly roles: readonly ProcessRole[];
  /** null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databasePool: number;
  /** What the processes of a cluster talk over; null: this process is alone. */
  readonly redisUrl: string | null;
  /** The first part of this process's id: 12 hexadecimal digits. In a container, its host name is that. */
  readonly processName: string;
  /** How long a process that is to end takes to hand its rooms to others. */
  readonly drainSeconds: number;
}

export function clusterConfig(e: ClusterSettings): ClusterConfig {
  if (e.REDIS_URL && !e.DATABASE_URL) {
    throw new ConfigError("REDIS_URL: several processes need one PostgreSQL. Set DATABASE_URL too.");
  }
  return {
    roles: rolesOf(e),
    databaseUrl: e.DATABASE_URL ?? null,
    databasePool: e.DATABASE_POOL,
    redisUrl: e.REDIS_URL ?? null,
    processName: e.PROCESS_NAME ?? processName(hostname()),
    drainSeconds: e.DRAIN_SECONDS,
  };
}

/** Rooms and API share a port, and so a process. */
function rolesOf({ ROLES: roles, DATABASE_URL: url }: ClusterSettings): readonly ProcessRole[] {
  if (roles.includes("rooms") !== roles.includes("api")) {
    throw new ConfigError("ROLES: in this version rooms and api go together. Name both or none.");
  }
  if (!roles.includes("rooms") && url === undefined) {
    throw new ConfigError("ROLES: a media process finds the others by their database. Set DATABASE_URL too.");
  }
  return roles;
}

/** A container's host name is its short id, which the other containers can look up. */
function processName(host: string): string {
  return /^[0-9a-f]{12}$/.test(host) ? host : randomBytes(6).toString("hex");
}

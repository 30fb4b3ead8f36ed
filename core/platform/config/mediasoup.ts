import { availableParallelism, networkInterfaces } from "node:os";
import { delimiter } from "node:path";
import { z } from "zod";
import type { ClusterSettings } from "./cluster.ts";
import type { MediaOrderSettings } from "./media-order.ts";
import type { ServerSettings } from "./server.ts";

export const mediasoupSettings = z.object({
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
});

type MediasoupSettings = z.infer<typeof mediasoupSettings>;

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

export function mediasoupConfig(
  e: MediasoupSettings &
    MediaOrderSettings &
    Pick<ClusterSettings, "ROLES"> &
    Pick<ServerSettings, "PUBLIC_ADDRESS">,
): MediasoupConfig {
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

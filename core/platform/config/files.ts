import { z } from "zod";
import type { ServerSettings } from "./server.ts";

export const filesSettings = z.object({
  CLAMD_ADDRESS: z
    .string()
    .regex(/^(\/[^\0]{1,107}|[A-Za-z0-9.-]{1,253}:\d{1,5})$/, "host:port, or the path of a socket")
    .optional(),
  FILES_UNSCANNED: z.enum(["accept", "refuse"]).optional(),
  FILES_MAX_MB: z.coerce.number().int().min(1).max(100).default(25),
});

type FilesSettings = z.infer<typeof filesSettings>;

/** Files that people send each other. */
export interface FilesConfig {
  /** Where clamd listens: `host:port`, or a socket's path; null: nothing is looked for. */
  readonly scanner: string | null;
  /** Whether files are taken that nobody looks into. */
  readonly unscanned: boolean;
  /** Of one file. */
  readonly maxBytes: number;
}

export function filesConfig(e: FilesSettings & Pick<ServerSettings, "NODE_ENV">): FilesConfig {
  return {
    scanner: e.CLAMD_ADDRESS ?? null,
    unscanned: e.FILES_UNSCANNED === undefined ? e.NODE_ENV !== "production" : e.FILES_UNSCANNED === "accept",
    maxBytes: e.FILES_MAX_MB * 1024 * 1024,
  };
}

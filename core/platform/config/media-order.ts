import { z } from "zod";
import type { BackendName } from "../../domain/call/state.ts";
import type { ChimeSettings } from "./chime.ts";
import type { ClusterSettings } from "./cluster.ts";
import { ConfigError } from "./config-error.ts";
import { listedOnce } from "./values.ts";

/** The backends that this version has. */
const backends = ["chime", "mediasoup", "peer"] as const satisfies readonly BackendName[];

export type ConfiguredBackend = (typeof backends)[number];

export const mediaOrderSettings = z.object({
  MEDIA_ORDER: z
    .string()
    .transform(listedOnce)
    .pipe(z.array(z.enum(backends)).min(1))
    .optional(),
});

export type MediaOrderSettings = z.infer<typeof mediaOrderSettings>;

/** Where nothing is said, every backend that can be there. */
export function mediaOrder(
  e: MediaOrderSettings &
    Pick<ChimeSettings, "CHIME_REGION"> &
    Pick<ClusterSettings, "ROLES" | "DATABASE_URL">,
): readonly ConfiguredBackend[] {
  const { MEDIA_ORDER: order, CHIME_REGION: chime } = e;
  if (order?.includes("chime") && chime === undefined) {
    throw new ConfigError("MEDIA_ORDER: chime needs to know its region. Set CHIME_REGION too.");
  }
  const there: Readonly<Record<ConfiguredBackend, boolean>> = {
    chime: chime !== undefined,
    mediasoup: e.ROLES.includes("media") || e.DATABASE_URL !== undefined,
    peer: true,
  };
  return order ?? backends.filter((name) => there[name]);
}

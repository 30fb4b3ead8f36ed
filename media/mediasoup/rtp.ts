import type { types } from "mediasoup";
import { z } from "zod";

/** What mediasoup checks by itself, thoroughly: here it is only given its name. */
export const rtpParameters = z.custom<types.RtpParameters>(isObject);
export const rtpCapabilities = z.custom<types.RtpCapabilities>(isObject);

export const dtlsParameters = z.object({
  role: z.enum(["auto", "client", "server"]).exactOptional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(["sha-1", "sha-224", "sha-256", "sha-384", "sha-512"]),
        value: z.string().max(200),
      }),
    )
    .min(1)
    .max(10),
});

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

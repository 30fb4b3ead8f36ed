import type { Origin } from "../../../core/platform/identity/origin.ts";
import type { Incoming } from "../../http/incoming.ts";

/** Where a sign-in comes from. */
export function originOf({ address, header }: Incoming): Origin {
  return { address, userAgent: header("user-agent") };
}

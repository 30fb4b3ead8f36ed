import type { BackendName } from "../../../core/domain/call/state.ts";
import type { BackendJoin } from "../../../core/protocol/call.ts";
import type { Clock } from "../lib/clock.ts";
import type { Visit } from "../visit/types.ts";
import type { CallLink, LinkHost } from "./call-link.ts";
import type { Devices } from "./devices.ts";
import type { CallOptions } from "./types.ts";

/** What a call is made of. */
export interface CallParts {
  readonly visit: Pick<Visit, "snapshot" | "on" | "call" | "media">;
  readonly options: CallOptions;
  readonly devices: Devices;
  /** Backends that this device can use, and how a session of one is taken part in. */
  readonly backends: readonly BackendName[];
  readonly openLink: (join: BackendJoin, host: LinkHost) => CallLink;
  readonly clock: Clock;
}

/** A session that one takes part in. */
export interface Session {
  readonly n: number;
  readonly backend: BackendName;
  readonly link: CallLink;
  /** The room has shown me in it. */
  seen: boolean;
}

import { randomBytes } from "node:crypto";
import { DomainError } from "../../core/domain/errors.ts";
import type { MediaBackend } from "../backend.ts";
import { iceServersFor, type TurnSettings } from "./turn-credentials.ts";

/**
 * Browser to browser, between two people: the room passes their signals, and no server of ours sees the media. All
 * there is to open is nothing, so it works wherever rooms do.
 */
export function createPeerBackend(settings: TurnSettings, now: () => number): MediaBackend {
  return {
    name: "peer",
    open: async () => null,
    join: async (_, { polite }) => {
      const who = randomBytes(9).toString("base64url");
      return { backend: "peer", polite, iceServers: iceServersFor(settings, who, now()) };
    },
    signal: async () => {
      throw new DomainError(
        "invalid_payload",
        "Say in `to` whom the signal is for: this call has no server.",
      );
    },
    leave: async () => {},
    close: async () => {},
    health: async () => null,
  };
}

import { type AuthContext, matchMaker } from "@colyseus/core";
import { z } from "zod";
import { DomainError, toRejection } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { isRoomKind, roomIdPattern } from "../../core/domain/room.ts";
import { asUnavailable } from "../../core/platform/database/away.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { refusedJoin } from "../socket/refused-join.ts";
import type { Directory } from "./directory.ts";

export interface MatchmakingParts {
  readonly directory: Directory;
  /** The person that an access token stands for. Throws DomainError. */
  readonly verify: (token: string) => Promise<Principal>;
  readonly log: Logger;
  /** Origins of other sites whose pages may join; our own page needs none. */
  readonly origins?: readonly string[];
}

/** `room` is the logical room id. Whatever else a client sends is left out. */
const joinOptions = z.object({ room: z.string().regex(roomIdPattern) });
/** With our own addressing these are the same: a room is joined, and wakes if it sleeps. */
const joins = ["joinOrCreate", "join"];

/**
 * Puts our own directory in the place of Colyseus's matchmaker: a room is found by its logical id in O(1)
 * and only its members get a seat. Clients may call nothing else.
 */
export function installMatchmaking({ directory, verify, log, origins = [] }: MatchmakingParts): void {
  const { controller } = matchMaker;
  controller.exposedMethods = joins;

  controller.getCorsHeaders = (headers: Headers): Record<string, string> => {
    const origin = headers.get("origin");
    return origin && origins.includes(origin)
      ? { "Access-Control-Allow-Origin": origin, Vary: "Origin" }
      : {
          "Access-Control-Allow-Origin": "null",
          "Access-Control-Allow-Credentials": "false",
          Vary: "Origin",
        };
  };

  controller.invokeMethod = async (
    method: string,
    kind: string,
    options: unknown,
    auth?: AuthContext,
  ): Promise<unknown> => {
    try {
      if (!joins.includes(method)) throw new DomainError("method_not_allowed");
      if (!auth?.token) throw new DomainError("unauthenticated");
      const by = await verify(auth.token);
      const parsed = joinOptions.safeParse(options);
      if (!isRoomKind(kind) || !parsed.success) throw new DomainError("room_not_found");
      return await directory.join(by, { kind, id: parsed.data.room });
    } catch (error) {
      if (!(error instanceof DomainError)) log.error({ err: error, kind }, "a join failed");
      throw refusedJoin(toRejection(asUnavailable(error)));
    }
  };
}

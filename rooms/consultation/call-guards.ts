import type { z } from "zod";
import type {
  AskToMute,
  CallCommand,
  JoinCall,
  LeaveCall,
  NoteLost,
  ReportFailure,
} from "../../core/domain/call/commands.ts";
import { callerOf } from "../../core/domain/call/state.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import { participantOf } from "../../core/domain/visit/state.ts";
import { callRequests, type JoinReply } from "../../core/protocol/call.ts";
import type { MediaService } from "../../media/media-service.ts";
import { command } from "../actor/request-guards.ts";
import type { Asked, RequestGuard } from "../actor/room-kind.ts";

/** What a call has to have of the backends. */
export interface CallLookups {
  readonly media: Pick<MediaService, "order" | "join">;
}

type Guard = RequestGuard<ConsultationState>;
type Here = Asked<ConsultationState>;

/** A session is opened within a few appends. */
const openingRetryMs = 50;
const unavailableRetryMs = 1_000;

/** How each request of a call is parsed and completed. */
export function callGuards({ media }: CallLookups): Readonly<Record<string, Guard>> {
  return {
    "media.join": command({
      schema: callRequests["media.join"],
      prepare: async ({ id, capabilities }, { by: { org } }: Here) =>
        ({ name: "media.join", id, capabilities, order: await media.order(org) }) satisfies JoinCall,
      reply: (_, here: Here) => ticketFor(here, media),
    }),
    "media.failed": command({
      schema: callRequests["media.failed"],
      prepare: async (payload, { by: { org } }: Here) =>
        ({ ...payload, name: "media.failed", order: await media.order(org) }) satisfies ReportFailure,
    }),
    "media.lost": command({
      schema: callRequests["media.lost"],
      prepare: async (payload, { by: { org } }: Here) =>
        ({ ...payload, name: "media.lost", order: await media.order(org) }) satisfies NoteLost,
    }),
    "media.leave": plain<LeaveCall>("media.leave", callRequests["media.leave"]),
    "media.mute": plain<AskToMute>("media.mute", callRequests["media.mute"]),
  };
}

/** The way into the session that runs. A repeated request gets one into the session that runs then. */
async function ticketFor(
  { ref, by, state: { visit, call } }: Here,
  media: CallLookups["media"],
): Promise<Pick<JoinReply, "session" | "join">> {
  const caller = callerOf(call, by.id);
  const { session, stage } = call;
  if (!caller || !session) throw new DomainError("not_in_call");
  if (stage === "opening") throw new DomainError("busy", undefined, { retryAfterMs: openingRetryMs });
  if (stage !== "open") {
    throw new DomainError("media_unavailable", undefined, { retryAfterMs: unavailableRetryMs });
  }
  const { n, backend, place } = session;
  const listens = participantOf(visit, by.id)?.role === "observer";
  const who = { person: by.id, polite: caller.polite, listens };
  return {
    session: { n, backend },
    join: await media.join(backend, { org: by.org, ref, n, place }, who),
  };
}

/** A request whose payload says all that the command needs. */
function plain<C extends CallCommand>(name: C["name"], schema: z.ZodType<Omit<C, "name">>): Guard {
  return command({ schema, prepare: (payload, _: Here) => ({ ...payload, name, id: payload.id }) });
}

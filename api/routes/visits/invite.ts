import { randomUUID } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { invitationMade, inviteToVisit as request, visitParams } from "../../../core/protocol/rest-visits.ts";
import { type Context, endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

const reply = z.object({ invitation: z.string(), code: z.string() });

export const invite = endpoint({
  id: "inviteToVisit",
  method: "post",
  path: "/v1/visits/:id/invitations",
  tag: "visits",
  summary: "Invite somebody to a visit",
  description:
    "The code lets one person in, once, and is not kept: only this answer has it. With `id`, the same request " +
    "again gives the same code.",
  limited: true,
  input: { params: visitParams, body: request },
  status: 201,
  reply: invitationMade,
  errors: [...commandErrors, "visit_ended", "member_limit"],
  handle: async ({ params, body }, context) => {
    const { principal, rooms } = context;
    const ref = { kind: "consultation", id: params.id } as const;
    const address = addressOf(context);
    const payload = { ...body, id: body.id ?? randomUUID() };
    const made = reply.parse(await rooms.command(principal, ref, "visit.invite", payload));
    return { ...made, url: new URL(`/join/${made.code}`, address).href };
  },
});

/** Where browsers reach us: as configured, else as whoever asks did. */
function addressOf({ settings, incoming }: Pick<Context<unknown>, "settings" | "incoming">): string {
  const asked = `${incoming.secure ? "https" : "http"}://${incoming.host}`;
  const address = settings.publicAddress ?? asked;
  if (!URL.canParse(address))
    throw new DomainError("invalid_payload", "The request's host is not an address.");
  return address;
}

import { randomUUID } from "node:crypto";
import { commandIdQuery, commandReply } from "../../../core/protocol/rest.ts";
import { visitInvitationParams } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";
import { guestOf } from "../invitations/invitation-code.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const revokeInvitation = endpoint({
  id: "revokeInvitation",
  method: "delete",
  path: "/v1/visits/:id/invitations/:invitation",
  tag: "visits",
  summary: "Revoke an invitation, and remove whoever came by it",
  limited: true,
  input: { params: visitInvitationParams, query: commandIdQuery },
  reply: commandReply,
  errors: [...commandErrors, "invitation_invalid"],
  handle: async ({ params, query: { id = randomUUID() } }, { principal, rooms, identity }) => {
    const { id: visit, invitation } = params;
    const ref = { kind: "consultation", id: visit } as const;
    const reply = await rooms.command(principal, ref, "visit.revoke", { id, invitation });
    await identity.guests.close(guestOf(visit, invitation));
    return commandReply.parse(reply);
  },
});

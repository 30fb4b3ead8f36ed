import type { Endpoint } from "../endpoint.ts";
import { exportAudit } from "./audit/export-audit.ts";
import { getAuditKeys } from "./audit/get-audit-keys.ts";
import { listAccesses } from "./audit/list-accesses.ts";
import { listAudit } from "./audit/list-audit.ts";
import { verifyAudit } from "./audit/verify-audit.ts";
import { clientToken } from "./auth/client-token.ts";
import { enrolByChallenge } from "./auth/enrol-by-challenge.ts";
import { logout } from "./auth/logout.ts";
import { refresh } from "./auth/refresh.ts";
import { secondFactor } from "./auth/second-factor.ts";
import { token } from "./auth/token.ts";
import { breakGlass } from "./break-glass/break-glass.ts";
import { listBroken } from "./break-glass/list-broken.ts";
import { createChat } from "./chats/create-chat.ts";
import { getChat } from "./chats/get-chat.ts";
import { listChats } from "./chats/list-chats.ts";
import { listMembers } from "./chats/list-members.ts";
import { removeMember } from "./chats/remove-member.ts";
import { setMember } from "./chats/set-member.ts";
import { addClientSecret } from "./clients/add-secret.ts";
import { createClient } from "./clients/create-client.ts";
import { listClients } from "./clients/list-clients.ts";
import { removeClientSecret } from "./clients/remove-secret.ts";
import { revokeClient } from "./clients/revoke-client.ts";
import { drainProcess } from "./cluster/drain-process.ts";
import { listProcesses } from "./cluster/list-processes.ts";
import { listRooms } from "./cluster/list-rooms.ts";
import { moveRoom } from "./cluster/move-room.ts";
import { rebalance } from "./cluster/rebalance.ts";
import { undrainProcess } from "./cluster/undrain-process.ts";
import { getDemo } from "./demo/get-demo.ts";
import { listEvents } from "./events/list-events.ts";
import { streamEvents } from "./events/stream-events.ts";
import { addVersion } from "./files/add-version.ts";
import { completeFile } from "./files/complete-file.ts";
import { createFile } from "./files/create-file.ts";
import { deleteFile } from "./files/delete-file.ts";
import { getContent } from "./files/get-content.ts";
import { getFile } from "./files/get-file.ts";
import { linkFile } from "./files/link-file.ts";
import { listFileVersions } from "./files/list-versions.ts";
import { putUpload } from "./files/put-upload.ts";
import { healthz } from "./health/healthz.ts";
import { metrics } from "./health/metrics.ts";
import { readyz } from "./health/readyz.ts";
import { acceptInvitation } from "./invitations/accept-invitation.ts";
import { getJwks } from "./keys/get-jwks.ts";
import { changeMyPassword } from "./me/change-my-password.ts";
import { getMe } from "./me/get-me.ts";
import { getOrder } from "./media/get-order.ts";
import { setOrder } from "./media/set-order.ts";
import { changeOrganisation } from "./organisation/change-organisation.ts";
import { getOrganisation } from "./organisation/get-organisation.ts";
import { addPerson } from "./people/add-person.ts";
import { changePerson } from "./people/change-person.ts";
import { getPerson } from "./people/get-person.ts";
import { givePassword } from "./people/give-password.ts";
import { listPeople } from "./people/list-people.ts";
import { addStaff } from "./queues/add-staff.ts";
import { configureQueue } from "./queues/configure-queue.ts";
import { createQueue } from "./queues/create-queue.ts";
import { getMetrics } from "./queues/get-metrics.ts";
import { getQueue } from "./queues/get-queue.ts";
import { listQueues } from "./queues/list-queues.ts";
import { removeStaff } from "./queues/remove-staff.ts";
import { setHours } from "./queues/set-hours.ts";
import { getRecordingFile } from "./recordings/get-file.ts";
import { listRecordings } from "./recordings/list-recordings.ts";
import { putRecordingChunk } from "./recordings/put-chunk.ts";
import { getConsentText, listConsentTexts, setConsentText } from "./records/consent-texts.ts";
import { cancelErasure, listErasures, requestErasure } from "./records/erasures.ts";
import { getRetention } from "./records/get-retention.ts";
import { listHeldRecordings } from "./records/held-recordings.ts";
import { liftHold, listHolds, placeHold } from "./records/holds.ts";
import { setRetention } from "./records/set-retention.ts";
import { getHistory } from "./rooms/get-history.ts";
import { listMessages } from "./rooms/list-messages.ts";
import { listVersions } from "./rooms/list-versions.ts";
import { sendCommand } from "./rooms/send-command.ts";
import { getSearchRebuild } from "./search/get-search-rebuild.ts";
import { rebuildSearch } from "./search/rebuild-search.ts";
import { search } from "./search/search.ts";
import { confirmSecondFactor } from "./second-factor/confirm-second-factor.ts";
import { enrolSecondFactor } from "./second-factor/enrol-second-factor.ts";
import { getSecondFactor } from "./second-factor/get-second-factor.ts";
import { getSecondFactorPolicy } from "./second-factor/get-second-factor-policy.ts";
import { removeSecondFactor } from "./second-factor/remove-second-factor.ts";
import { renewRecoveryCodes } from "./second-factor/renew-recovery-codes.ts";
import { resetSecondFactor } from "./second-factor/reset-second-factor.ts";
import { setSecondFactorPolicy } from "./second-factor/set-second-factor-policy.ts";
import { endMyOtherSessions } from "./sessions/end-my-other-sessions.ts";
import { endMySession } from "./sessions/end-my-session.ts";
import { endSession } from "./sessions/end-session.ts";
import { endSessions } from "./sessions/end-sessions.ts";
import { listMySessions } from "./sessions/list-my-sessions.ts";
import { listSessions } from "./sessions/list-sessions.ts";
import { cancelVisit } from "./visits/cancel-visit.ts";
import { createVisit } from "./visits/create-visit.ts";
import { getVisit } from "./visits/get-visit.ts";
import { invite } from "./visits/invite.ts";
import { listVisits } from "./visits/list-visits.ts";
import { rescheduleVisit } from "./visits/reschedule-visit.ts";
import { revokeInvitation } from "./visits/revoke-invitation.ts";
import { changeWebhook } from "./webhooks/change-webhook.ts";
import { createWebhook } from "./webhooks/create-webhook.ts";
import { getWebhook } from "./webhooks/get-webhook.ts";
import { listDeliveries } from "./webhooks/list-deliveries.ts";
import { listWebhooks } from "./webhooks/list-webhooks.ts";
import { removeWebhook } from "./webhooks/remove-webhook.ts";
import { replayWebhook } from "./webhooks/replay-webhook.ts";
import { resendDelivery } from "./webhooks/resend-delivery.ts";
import { rotateWebhook } from "./webhooks/rotate-webhook.ts";
import { testWebhook } from "./webhooks/test-webhook.ts";

/** Every operation, in the order of the documentation. */
export const endpoints: readonly Endpoint[] = [
  token,
  refresh,
  logout,
  secondFactor,
  enrolByChallenge,
  getSecondFactor,
  enrolSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  resetSecondFactor,
  getSecondFactorPolicy,
  setSecondFactorPolicy,
  listMySessions,
  endMySession,
  endMyOtherSessions,
  listSessions,
  endSession,
  endSessions,
  clientToken,
  createClient,
  listClients,
  revokeClient,
  addClientSecret,
  removeClientSecret,
  getDemo,
  getJwks,
  getMe,
  changeMyPassword,
  listPeople,
  addPerson,
  getPerson,
  changePerson,
  givePassword,
  getOrganisation,
  changeOrganisation,
  createChat,
  listChats,
  getChat,
  listMembers,
  setMember,
  removeMember,
  createQueue,
  listQueues,
  getQueue,
  configureQueue,
  addStaff,
  removeStaff,
  setHours,
  getMetrics,
  createVisit,
  listVisits,
  getVisit,
  rescheduleVisit,
  cancelVisit,
  invite,
  revokeInvitation,
  listRecordings,
  getRecordingFile,
  putRecordingChunk,
  acceptInvitation,
  listMessages,
  listVersions,
  sendCommand,
  createFile,
  getFile,
  completeFile,
  deleteFile,
  addVersion,
  listFileVersions,
  linkFile,
  getContent,
  putUpload,
  getHistory,
  breakGlass,
  listBroken,
  search,
  rebuildSearch,
  getSearchRebuild,
  getOrder,
  setOrder,
  listAudit,
  verifyAudit,
  exportAudit,
  getAuditKeys,
  listAccesses,
  getRetention,
  setRetention,
  listHolds,
  listHeldRecordings,
  placeHold,
  liftHold,
  requestErasure,
  listErasures,
  cancelErasure,
  listConsentTexts,
  getConsentText,
  setConsentText,
  listEvents,
  streamEvents,
  createWebhook,
  listWebhooks,
  getWebhook,
  changeWebhook,
  removeWebhook,
  rotateWebhook,
  testWebhook,
  replayWebhook,
  listDeliveries,
  resendDelivery,
  listProcesses,
  drainProcess,
  undrainProcess,
  listRooms,
  moveRoom,
  rebalance,
  healthz,
  readyz,
  metrics,
];

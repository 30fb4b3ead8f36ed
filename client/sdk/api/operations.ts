// Written by `npm run openapi` from the operations of the API; a test says when it is out of step.
import * as cluster from "../../../core/protocol/cluster.ts";
import * as rest from "../../../core/protocol/rest.ts";
import * as restEvents from "../../../core/protocol/rest-events.ts";
import * as restFiles from "../../../core/protocol/rest-files.ts";
import * as restIdentity from "../../../core/protocol/rest-identity.ts";
import * as restMedia from "../../../core/protocol/rest-media.ts";
import * as restPeople from "../../../core/protocol/rest-people.ts";
import * as restQueues from "../../../core/protocol/rest-queues.ts";
import * as restRecordings from "../../../core/protocol/rest-recordings.ts";
import * as restRecords from "../../../core/protocol/rest-records.ts";
import * as restSearch from "../../../core/protocol/rest-search.ts";
import * as restVisits from "../../../core/protocol/rest-visits.ts";
import * as restWebhooks from "../../../core/protocol/rest-webhooks.ts";
import * as routes from "./routes.ts";

export const operations = {
  signIn: {
    ...routes.signIn,
    body: rest.tokenRequest,
    reply: rest.tokenReply,
  },
  refresh: {
    ...routes.refresh,
    body: rest.refreshRequest.optional(),
    reply: rest.tokenReply,
  },
  signOut: {
    ...routes.signOut,
    body: rest.refreshRequest.optional(),
    reply: null,
  },
  answerChallenge: {
    ...routes.answerChallenge,
    body: restIdentity.answerChallenge,
    reply: restIdentity.challengeAnswered,
  },
  enrolByChallenge: {
    ...routes.enrolByChallenge,
    body: restIdentity.enrolByChallenge,
    reply: restIdentity.secondFactorEnrolment,
  },
  getSecondFactor: {
    ...routes.getSecondFactor,
    reply: restIdentity.secondFactor,
  },
  enrolSecondFactor: {
    ...routes.enrolSecondFactor,
    body: restIdentity.enrolSecondFactor,
    reply: restIdentity.secondFactorEnrolment,
  },
  confirmSecondFactor: {
    ...routes.confirmSecondFactor,
    body: restIdentity.secondFactorCode,
    reply: restIdentity.recoveryCodes,
  },
  removeSecondFactor: {
    ...routes.removeSecondFactor,
    body: restIdentity.secondFactorCode,
    reply: null,
  },
  renewRecoveryCodes: {
    ...routes.renewRecoveryCodes,
    body: restIdentity.secondFactorCode,
    reply: restIdentity.recoveryCodes,
  },
  resetSecondFactor: {
    ...routes.resetSecondFactor,
    params: restIdentity.personParams,
    reply: null,
  },
  getSecondFactorPolicy: {
    ...routes.getSecondFactorPolicy,
    reply: restIdentity.secondFactorPolicy,
  },
  setSecondFactorPolicy: {
    ...routes.setSecondFactorPolicy,
    body: restIdentity.secondFactorPolicy,
    reply: restIdentity.secondFactorPolicy,
  },
  listMySessions: {
    ...routes.listMySessions,
    reply: restIdentity.signInSessions,
  },
  endMySession: {
    ...routes.endMySession,
    params: restIdentity.sessionParams,
    reply: null,
  },
  endMyOtherSessions: {
    ...routes.endMyOtherSessions,
    reply: restIdentity.endedSessions,
  },
  listSessions: {
    ...routes.listSessions,
    params: restIdentity.personParams,
    reply: restIdentity.signInSessions,
  },
  endSession: {
    ...routes.endSession,
    params: restIdentity.personSessionParams,
    reply: null,
  },
  endSessions: {
    ...routes.endSessions,
    params: restIdentity.personParams,
    reply: restIdentity.endedSessions,
  },
  clientToken: {
    ...routes.clientToken,
    body: restIdentity.clientTokenRequest,
    reply: restIdentity.clientTokenReply,
  },
  createClient: {
    ...routes.createClient,
    body: restIdentity.createClient,
    reply: restIdentity.clientCreated,
  },
  listClients: {
    ...routes.listClients,
    reply: restIdentity.clients,
  },
  revokeClient: {
    ...routes.revokeClient,
    params: restIdentity.clientParams,
    reply: null,
  },
  addClientSecret: {
    ...routes.addClientSecret,
    params: restIdentity.clientParams,
    body: restIdentity.createClientSecret,
    reply: restIdentity.newClientSecret,
  },
  removeClientSecret: {
    ...routes.removeClientSecret,
    params: restIdentity.clientSecretParams,
    reply: null,
  },
  getDemo: {
    ...routes.getDemo,
    reply: rest.demo,
  },
  getKeys: {
    ...routes.getKeys,
    reply: rest.jwks,
  },
  getMe: {
    ...routes.getMe,
    reply: rest.me,
  },
  changeMyPassword: {
    ...routes.changeMyPassword,
    body: restPeople.changeMyPassword,
    reply: null,
  },
  listPeople: {
    ...routes.listPeople,
    query: rest.peopleQuery,
    reply: rest.people,
  },
  addPerson: {
    ...routes.addPerson,
    body: restPeople.addPerson,
    reply: restPeople.managedPerson,
  },
  getPerson: {
    ...routes.getPerson,
    params: restIdentity.personParams,
    reply: restPeople.managedPerson,
  },
  changePerson: {
    ...routes.changePerson,
    params: restIdentity.personParams,
    body: restPeople.changePerson,
    reply: restPeople.managedPerson,
  },
  givePassword: {
    ...routes.givePassword,
    params: restIdentity.personParams,
    body: restPeople.givePassword,
    reply: null,
  },
  getOrganisation: {
    ...routes.getOrganisation,
    reply: restPeople.organisation,
  },
  changeOrganisation: {
    ...routes.changeOrganisation,
    body: restPeople.changeOrganisation,
    reply: restPeople.organisation,
  },
  createChat: {
    ...routes.createChat,
    body: rest.createChat,
    reply: rest.chatCreated,
  },
  listChats: {
    ...routes.listChats,
    query: rest.listQuery,
    reply: rest.chats,
  },
  getChat: {
    ...routes.getChat,
    params: rest.chatParams,
    reply: rest.chatSummary,
  },
  listChatMembers: {
    ...routes.listChatMembers,
    params: rest.chatParams,
    reply: rest.chatMembers,
  },
  setChatMember: {
    ...routes.setChatMember,
    params: rest.chatMemberParams,
    body: rest.setMember,
    reply: rest.commandReply,
  },
  removeChatMember: {
    ...routes.removeChatMember,
    params: rest.chatMemberParams,
    query: rest.commandIdQuery,
    reply: rest.commandReply,
  },
  createQueue: {
    ...routes.createQueue,
    body: restQueues.createQueue,
    reply: restQueues.queueCreated,
  },
  listQueues: {
    ...routes.listQueues,
    reply: rest.queues,
  },
  getQueue: {
    ...routes.getQueue,
    params: restQueues.queueParams,
    reply: restQueues.queueView,
  },
  configureQueue: {
    ...routes.configureQueue,
    params: restQueues.queueParams,
    body: restQueues.configureQueue,
    reply: rest.commandReply,
  },
  addQueueStaff: {
    ...routes.addQueueStaff,
    params: restQueues.queueStaffParams,
    body: restQueues.addQueueStaff.optional(),
    reply: rest.commandReply,
  },
  removeQueueStaff: {
    ...routes.removeQueueStaff,
    params: restQueues.queueStaffParams,
    query: rest.commandIdQuery,
    reply: rest.commandReply,
  },
  setQueueHours: {
    ...routes.setQueueHours,
    params: restQueues.queueParams,
    body: restQueues.setQueueHours,
    reply: rest.commandReply,
  },
  getQueueMetrics: {
    ...routes.getQueueMetrics,
    params: restQueues.queueParams,
    reply: restQueues.queueMetrics,
  },
  createVisit: {
    ...routes.createVisit,
    body: restVisits.createVisit,
    reply: restVisits.visitCreated,
  },
  listVisits: {
    ...routes.listVisits,
    query: restVisits.visitsQuery,
    reply: rest.visits,
  },
  getVisit: {
    ...routes.getVisit,
    params: restVisits.visitParams,
    reply: restVisits.visitSummary,
  },
  rescheduleVisit: {
    ...routes.rescheduleVisit,
    params: restVisits.visitParams,
    body: restVisits.rescheduleVisit,
    reply: rest.commandReply,
  },
  cancelVisit: {
    ...routes.cancelVisit,
    params: restVisits.visitParams,
    body: restVisits.cancelVisit,
    reply: rest.commandReply,
  },
  inviteToVisit: {
    ...routes.inviteToVisit,
    params: restVisits.visitParams,
    body: restVisits.inviteToVisit,
    reply: restVisits.invitationMade,
  },
  revokeInvitation: {
    ...routes.revokeInvitation,
    params: restVisits.visitInvitationParams,
    query: rest.commandIdQuery,
    reply: rest.commandReply,
  },
  listRecordings: {
    ...routes.listRecordings,
    params: restVisits.visitParams,
    reply: restRecordings.recordings,
  },
  getRecordingFile: {
    ...routes.getRecordingFile,
    params: restRecordings.recordingFileParams,
    reply: null,
  },
  putRecordingChunk: {
    ...routes.putRecordingChunk,
    params: restRecordings.chunkParams,
    reply: null,
  },
  acceptInvitation: {
    ...routes.acceptInvitation,
    params: restVisits.invitationParams,
    body: restVisits.acceptInvitation,
    reply: restVisits.invitationAccepted,
  },
  listMessages: {
    ...routes.listMessages,
    params: rest.roomParams,
    query: rest.messagesQuery,
    reply: rest.messages,
  },
  listMessageVersions: {
    ...routes.listMessageVersions,
    params: rest.messageParams,
    reply: rest.messageVersions,
  },
  sendCommand: {
    ...routes.sendCommand,
    params: rest.roomParams,
    body: rest.commandRequest,
    reply: rest.roomReply,
  },
  createFile: {
    ...routes.createFile,
    body: restFiles.newFile,
    reply: restFiles.upload,
  },
  getFile: {
    ...routes.getFile,
    params: restFiles.fileParams,
    reply: restFiles.fileView,
  },
  completeFile: {
    ...routes.completeFile,
    params: restFiles.fileParams,
    reply: restFiles.fileView,
  },
  deleteFile: {
    ...routes.deleteFile,
    params: restFiles.fileParams,
    reply: null,
  },
  addFileVersion: {
    ...routes.addFileVersion,
    params: restFiles.fileParams,
    body: restFiles.newFileVersion,
    reply: restFiles.upload,
  },
  listFileVersions: {
    ...routes.listFileVersions,
    params: restFiles.fileParams,
    reply: restFiles.fileViews,
  },
  linkFile: {
    ...routes.linkFile,
    params: restFiles.fileParams,
    body: restFiles.newFileLink,
    reply: restFiles.fileLink,
  },
  getFileContent: {
    ...routes.getFileContent,
    params: restFiles.fileParams,
    query: restFiles.contentQuery,
    reply: null,
  },
  putUpload: {
    ...routes.putUpload,
    params: restFiles.uploadParams,
    reply: null,
  },
  getRoomHistory: {
    ...routes.getRoomHistory,
    params: rest.roomParams,
    query: rest.historyQuery,
    reply: rest.roomHistory,
  },
  breakGlass: {
    ...routes.breakGlass,
    body: restPeople.breakGlass,
    reply: restPeople.glassBroken,
  },
  listBrokenGlasses: {
    ...routes.listBrokenGlasses,
    query: restPeople.brokenGlassQuery,
    reply: restPeople.brokenGlasses,
  },
  search: {
    ...routes.search,
    query: restSearch.searchQuery,
    reply: restSearch.searchResults,
  },
  rebuildSearch: {
    ...routes.rebuildSearch,
    reply: restSearch.searchRebuild,
  },
  getSearchRebuild: {
    ...routes.getSearchRebuild,
    reply: restSearch.searchBuilds,
  },
  getMediaOrder: {
    ...routes.getMediaOrder,
    reply: restMedia.mediaOrder,
  },
  setMediaOrder: {
    ...routes.setMediaOrder,
    body: restMedia.setMediaOrder,
    reply: restMedia.mediaOrder,
  },
  listAudit: {
    ...routes.listAudit,
    query: restRecords.auditQuery,
    reply: restRecords.auditEntries,
  },
  verifyAudit: {
    ...routes.verifyAudit,
    query: restRecords.verifyQuery,
    reply: restRecords.auditVerdict,
  },
  exportAudit: {
    ...routes.exportAudit,
    query: restRecords.exportQuery,
    reply: null,
  },
  getAuditKeys: {
    ...routes.getAuditKeys,
    reply: restRecords.auditKeys,
  },
  listAccesses: {
    ...routes.listAccesses,
    query: rest.listQuery,
    reply: restRecords.accesses,
  },
  getRetention: {
    ...routes.getRetention,
    reply: restRecords.retention,
  },
  setRetention: {
    ...routes.setRetention,
    body: restRecords.setRetention,
    reply: restRecords.retention,
  },
  listHolds: {
    ...routes.listHolds,
    reply: restRecords.holds,
  },
  listHeldRecordings: {
    ...routes.listHeldRecordings,
    reply: restRecords.heldRecordings,
  },
  placeHold: {
    ...routes.placeHold,
    body: restRecords.placeHold,
    reply: restRecords.hold,
  },
  liftHold: {
    ...routes.liftHold,
    params: restRecords.recordParams,
    reply: null,
  },
  requestErasure: {
    ...routes.requestErasure,
    params: restRecords.erasureParams,
    body: restRecords.requestErasure,
    reply: restRecords.erasure,
  },
  listErasures: {
    ...routes.listErasures,
    reply: restRecords.erasures,
  },
  cancelErasure: {
    ...routes.cancelErasure,
    params: restRecords.recordParams,
    reply: restRecords.erasure,
  },
  listConsentTexts: {
    ...routes.listConsentTexts,
    reply: restRecords.consentTexts,
  },
  getConsentText: {
    ...routes.getConsentText,
    params: restRecords.consentTextParams,
    reply: restRecords.consentText,
  },
  setConsentText: {
    ...routes.setConsentText,
    body: restRecords.setConsentText,
    reply: restRecords.consentText,
  },
  listEvents: {
    ...routes.listEvents,
    query: restEvents.eventsQuery,
    reply: restEvents.eventPage,
  },
  streamEvents: {
    ...routes.streamEvents,
    query: restEvents.streamQuery,
    reply: null,
  },
  createWebhook: {
    ...routes.createWebhook,
    body: restWebhooks.createWebhook,
    reply: restWebhooks.newWebhook,
  },
  listWebhooks: {
    ...routes.listWebhooks,
    reply: restWebhooks.webhookList,
  },
  getWebhook: {
    ...routes.getWebhook,
    params: restWebhooks.webhookParams,
    reply: restWebhooks.webhook,
  },
  changeWebhook: {
    ...routes.changeWebhook,
    params: restWebhooks.webhookParams,
    body: restWebhooks.changeWebhook,
    reply: restWebhooks.webhook,
  },
  removeWebhook: {
    ...routes.removeWebhook,
    params: restWebhooks.webhookParams,
    reply: null,
  },
  rotateWebhook: {
    ...routes.rotateWebhook,
    params: restWebhooks.webhookParams,
    reply: restWebhooks.webhookSecret,
  },
  testWebhook: {
    ...routes.testWebhook,
    params: restWebhooks.webhookParams,
    reply: restWebhooks.webhookTest,
  },
  replayWebhook: {
    ...routes.replayWebhook,
    params: restWebhooks.webhookParams,
    body: restWebhooks.replayWebhook,
    reply: restWebhooks.webhook,
  },
  listDeliveries: {
    ...routes.listDeliveries,
    params: restWebhooks.webhookParams,
    query: restWebhooks.deliveriesQuery,
    reply: restWebhooks.deliveryList,
  },
  resendDelivery: {
    ...routes.resendDelivery,
    params: restWebhooks.deliveryParams,
    reply: restWebhooks.delivery,
  },
  listProcesses: {
    ...routes.listProcesses,
    reply: cluster.clusterProcesses,
  },
  drainProcess: {
    ...routes.drainProcess,
    params: cluster.processParams,
    reply: cluster.clusterProcess,
  },
  undrainProcess: {
    ...routes.undrainProcess,
    params: cluster.processParams,
    reply: cluster.clusterProcess,
  },
  listClusterRooms: {
    ...routes.listClusterRooms,
    query: cluster.clusterRoomsQuery,
    reply: cluster.clusterRooms,
  },
  moveRoom: {
    ...routes.moveRoom,
    params: rest.roomParams,
    body: cluster.moveRequest.optional(),
    reply: cluster.moveOutcome,
  },
  rebalance: {
    ...routes.rebalance,
    body: cluster.rebalanceRequest.optional(),
    reply: cluster.rebalancePlan,
  },
  health: {
    ...routes.health,
    reply: rest.health,
  },
  readiness: {
    ...routes.readiness,
    reply: rest.readiness,
  },
  metrics: {
    ...routes.metrics,
    reply: rest.exposition,
  },
} as const;

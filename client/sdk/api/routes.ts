// Written by `npm run openapi` from the operations of the API; a test says when it is out of step.

export const signIn = { id: "signIn", method: "POST", path: "/v1/auth/token", open: true } as const;
export const refresh = { id: "refresh", method: "POST", path: "/v1/auth/refresh", open: true } as const;
export const signOut = { id: "signOut", method: "POST", path: "/v1/auth/logout", open: true } as const;
export const answerChallenge = {
  id: "answerChallenge",
  method: "POST",
  path: "/v1/auth/second-factor",
  open: true,
} as const;
export const enrolByChallenge = {
  id: "enrolByChallenge",
  method: "POST",
  path: "/v1/auth/second-factor/enrolment",
  open: true,
} as const;
export const getSecondFactor = {
  id: "getSecondFactor",
  method: "GET",
  path: "/v1/me/second-factor",
} as const;
export const enrolSecondFactor = {
  id: "enrolSecondFactor",
  method: "POST",
  path: "/v1/me/second-factor",
  keyed: true,
} as const;
export const confirmSecondFactor = {
  id: "confirmSecondFactor",
  method: "POST",
  path: "/v1/me/second-factor/confirm",
} as const;
export const removeSecondFactor = {
  id: "removeSecondFactor",
  method: "POST",
  path: "/v1/me/second-factor/remove",
} as const;
export const renewRecoveryCodes = {
  id: "renewRecoveryCodes",
  method: "POST",
  path: "/v1/me/second-factor/recovery-codes",
} as const;
export const resetSecondFactor = {
  id: "resetSecondFactor",
  method: "DELETE",
  path: "/v1/people/:id/second-factor",
} as const;
export const getSecondFactorPolicy = {
  id: "getSecondFactorPolicy",
  method: "GET",
  path: "/v1/organisation/second-factor",
} as const;
export const setSecondFactorPolicy = {
  id: "setSecondFactorPolicy",
  method: "PUT",
  path: "/v1/organisation/second-factor",
} as const;
export const listMySessions = { id: "listMySessions", method: "GET", path: "/v1/me/sessions" } as const;
export const endMySession = { id: "endMySession", method: "DELETE", path: "/v1/me/sessions/:id" } as const;
export const endMyOtherSessions = {
  id: "endMyOtherSessions",
  method: "DELETE",
  path: "/v1/me/sessions",
} as const;
export const listSessions = { id: "listSessions", method: "GET", path: "/v1/people/:id/sessions" } as const;
export const endSession = {
  id: "endSession",
  method: "DELETE",
  path: "/v1/people/:id/sessions/:session",
} as const;
export const endSessions = { id: "endSessions", method: "DELETE", path: "/v1/people/:id/sessions" } as const;
export const clientToken = {
  id: "clientToken",
  method: "POST",
  path: "/v1/auth/client-token",
  open: true,
} as const;
export const createClient = { id: "createClient", method: "POST", path: "/v1/clients", keyed: true } as const;
export const listClients = { id: "listClients", method: "GET", path: "/v1/clients" } as const;
export const revokeClient = { id: "revokeClient", method: "DELETE", path: "/v1/clients/:id" } as const;
export const addClientSecret = {
  id: "addClientSecret",
  method: "POST",
  path: "/v1/clients/:id/secrets",
  keyed: true,
} as const;
export const removeClientSecret = {
  id: "removeClientSecret",
  method: "DELETE",
  path: "/v1/clients/:id/secrets/:secret",
} as const;
export const getDemo = { id: "getDemo", method: "GET", path: "/v1/demo", open: true } as const;
export const getKeys = { id: "getKeys", method: "GET", path: "/.well-known/jwks.json", open: true } as const;
export const getMe = { id: "getMe", method: "GET", path: "/v1/me" } as const;
export const changeMyPassword = { id: "changeMyPassword", method: "POST", path: "/v1/me/password" } as const;
export const listPeople = { id: "listPeople", method: "GET", path: "/v1/people", paged: true } as const;
export const addPerson = { id: "addPerson", method: "POST", path: "/v1/people", keyed: true } as const;
export const getPerson = { id: "getPerson", method: "GET", path: "/v1/people/:id" } as const;
export const changePerson = { id: "changePerson", method: "PATCH", path: "/v1/people/:id" } as const;
export const givePassword = { id: "givePassword", method: "PUT", path: "/v1/people/:id/password" } as const;
export const getOrganisation = { id: "getOrganisation", method: "GET", path: "/v1/organisation" } as const;
export const changeOrganisation = {
  id: "changeOrganisation",
  method: "PATCH",
  path: "/v1/organisation",
} as const;
export const createChat = { id: "createChat", method: "POST", path: "/v1/chats", keyed: true } as const;
export const listChats = { id: "listChats", method: "GET", path: "/v1/chats", paged: true } as const;
export const getChat = { id: "getChat", method: "GET", path: "/v1/chats/:id" } as const;
export const listChatMembers = {
  id: "listChatMembers",
  method: "GET",
  path: "/v1/chats/:id/members",
} as const;
export const setChatMember = {
  id: "setChatMember",
  method: "PUT",
  path: "/v1/chats/:id/members/:person",
} as const;
export const removeChatMember = {
  id: "removeChatMember",
  method: "DELETE",
  path: "/v1/chats/:id/members/:person",
} as const;
export const createQueue = { id: "createQueue", method: "POST", path: "/v1/queues", keyed: true } as const;
export const listQueues = { id: "listQueues", method: "GET", path: "/v1/queues" } as const;
export const getQueue = { id: "getQueue", method: "GET", path: "/v1/queues/:id" } as const;
export const configureQueue = { id: "configureQueue", method: "PATCH", path: "/v1/queues/:id" } as const;
export const addQueueStaff = {
  id: "addQueueStaff",
  method: "PUT",
  path: "/v1/queues/:id/staff/:person",
} as const;
export const removeQueueStaff = {
  id: "removeQueueStaff",
  method: "DELETE",
  path: "/v1/queues/:id/staff/:person",
} as const;
export const setQueueHours = { id: "setQueueHours", method: "PUT", path: "/v1/queues/:id/hours" } as const;
export const getQueueMetrics = {
  id: "getQueueMetrics",
  method: "GET",
  path: "/v1/queues/:id/metrics",
} as const;
export const createVisit = { id: "createVisit", method: "POST", path: "/v1/visits", keyed: true } as const;
export const listVisits = { id: "listVisits", method: "GET", path: "/v1/visits", paged: true } as const;
export const getVisit = { id: "getVisit", method: "GET", path: "/v1/visits/:id" } as const;
export const rescheduleVisit = {
  id: "rescheduleVisit",
  method: "POST",
  path: "/v1/visits/:id/reschedule",
} as const;
export const cancelVisit = { id: "cancelVisit", method: "POST", path: "/v1/visits/:id/cancel" } as const;
export const inviteToVisit = {
  id: "inviteToVisit",
  method: "POST",
  path: "/v1/visits/:id/invitations",
  keyed: true,
} as const;
export const revokeInvitation = {
  id: "revokeInvitation",
  method: "DELETE",
  path: "/v1/visits/:id/invitations/:invitation",
} as const;
export const listRecordings = {
  id: "listRecordings",
  method: "GET",
  path: "/v1/visits/:id/recordings",
} as const;
export const getRecordingFile = {
  id: "getRecordingFile",
  method: "GET",
  path: "/v1/visits/:id/recordings/:recording/files/:name",
  givesBytes: true,
} as const;
export const putRecordingChunk = {
  id: "putRecordingChunk",
  method: "PUT",
  path: "/v1/visits/:id/recordings/:recording/segments/:segment/chunks/:index",
  takesBytes: true,
} as const;
export const acceptInvitation = {
  id: "acceptInvitation",
  method: "POST",
  path: "/v1/invitations/:code/accept",
  open: true,
} as const;
export const listMessages = {
  id: "listMessages",
  method: "GET",
  path: "/v1/rooms/:kind/:id/messages",
  paged: true,
} as const;
export const listMessageVersions = {
  id: "listMessageVersions",
  method: "GET",
  path: "/v1/rooms/:kind/:id/messages/:seq/versions",
} as const;
export const sendCommand = {
  id: "sendCommand",
  method: "POST",
  path: "/v1/rooms/:kind/:id/commands",
  keyed: true,
} as const;
export const createFile = { id: "createFile", method: "POST", path: "/v1/files", keyed: true } as const;
export const getFile = { id: "getFile", method: "GET", path: "/v1/files/:id" } as const;
export const completeFile = { id: "completeFile", method: "POST", path: "/v1/files/:id/complete" } as const;
export const deleteFile = { id: "deleteFile", method: "DELETE", path: "/v1/files/:id" } as const;
export const addFileVersion = {
  id: "addFileVersion",
  method: "POST",
  path: "/v1/files/:id/versions",
  keyed: true,
} as const;
export const listFileVersions = {
  id: "listFileVersions",
  method: "GET",
  path: "/v1/files/:id/versions",
} as const;
export const linkFile = { id: "linkFile", method: "POST", path: "/v1/files/:id/links" } as const;
export const getFileContent = {
  id: "getFileContent",
  method: "GET",
  path: "/v1/files/:id/content",
  open: true,
  givesBytes: true,
} as const;
export const putUpload = {
  id: "putUpload",
  method: "PUT",
  path: "/v1/uploads/:ticket",
  open: true,
  takesBytes: true,
} as const;
export const getRoomHistory = {
  id: "getRoomHistory",
  method: "GET",
  path: "/v1/rooms/:kind/:id/history",
  paged: true,
} as const;
export const breakGlass = { id: "breakGlass", method: "POST", path: "/v1/break-glass", keyed: true } as const;
export const listBrokenGlasses = {
  id: "listBrokenGlasses",
  method: "GET",
  path: "/v1/break-glass",
  paged: true,
} as const;
export const search = { id: "search", method: "GET", path: "/v1/search", paged: true } as const;
export const rebuildSearch = { id: "rebuildSearch", method: "POST", path: "/v1/search/rebuild" } as const;
export const getSearchRebuild = {
  id: "getSearchRebuild",
  method: "GET",
  path: "/v1/search/rebuild",
} as const;
export const getMediaOrder = { id: "getMediaOrder", method: "GET", path: "/v1/media/order" } as const;
export const setMediaOrder = { id: "setMediaOrder", method: "PUT", path: "/v1/media/order" } as const;
export const listAudit = { id: "listAudit", method: "GET", path: "/v1/audit", paged: true } as const;
export const verifyAudit = { id: "verifyAudit", method: "GET", path: "/v1/audit/verify" } as const;
export const exportAudit = {
  id: "exportAudit",
  method: "GET",
  path: "/v1/audit/export",
  givesBytes: true,
} as const;
export const getAuditKeys = {
  id: "getAuditKeys",
  method: "GET",
  path: "/v1/audit/keys",
  open: true,
} as const;
export const listAccesses = {
  id: "listAccesses",
  method: "GET",
  path: "/v1/me/accesses",
  paged: true,
} as const;
export const getRetention = { id: "getRetention", method: "GET", path: "/v1/retention" } as const;
export const setRetention = { id: "setRetention", method: "PUT", path: "/v1/retention" } as const;
export const listHolds = { id: "listHolds", method: "GET", path: "/v1/holds" } as const;
export const listHeldRecordings = {
  id: "listHeldRecordings",
  method: "GET",
  path: "/v1/holds/recordings",
} as const;
export const placeHold = { id: "placeHold", method: "POST", path: "/v1/holds", keyed: true } as const;
export const liftHold = { id: "liftHold", method: "DELETE", path: "/v1/holds/:id" } as const;
export const requestErasure = {
  id: "requestErasure",
  method: "POST",
  path: "/v1/people/:id/erasure",
} as const;
export const listErasures = { id: "listErasures", method: "GET", path: "/v1/erasures" } as const;
export const cancelErasure = { id: "cancelErasure", method: "DELETE", path: "/v1/erasures/:id" } as const;
export const listConsentTexts = { id: "listConsentTexts", method: "GET", path: "/v1/consent-texts" } as const;
export const getConsentText = {
  id: "getConsentText",
  method: "GET",
  path: "/v1/consent-texts/:kind/:language/:version",
} as const;
export const setConsentText = { id: "setConsentText", method: "PUT", path: "/v1/consent-texts" } as const;
export const listEvents = { id: "listEvents", method: "GET", path: "/v1/events", paged: true } as const;
export const streamEvents = {
  id: "streamEvents",
  method: "GET",
  path: "/v1/events/stream",
  givesBytes: true,
  givesText: true,
} as const;
export const createWebhook = {
  id: "createWebhook",
  method: "POST",
  path: "/v1/webhooks",
  keyed: true,
} as const;
export const listWebhooks = { id: "listWebhooks", method: "GET", path: "/v1/webhooks", paged: true } as const;
export const getWebhook = { id: "getWebhook", method: "GET", path: "/v1/webhooks/:id" } as const;
export const changeWebhook = { id: "changeWebhook", method: "PATCH", path: "/v1/webhooks/:id" } as const;
export const removeWebhook = { id: "removeWebhook", method: "DELETE", path: "/v1/webhooks/:id" } as const;
export const rotateWebhook = {
  id: "rotateWebhook",
  method: "POST",
  path: "/v1/webhooks/:id/rotate",
} as const;
export const testWebhook = { id: "testWebhook", method: "POST", path: "/v1/webhooks/:id/test" } as const;
export const replayWebhook = {
  id: "replayWebhook",
  method: "POST",
  path: "/v1/webhooks/:id/replay",
} as const;
export const listDeliveries = {
  id: "listDeliveries",
  method: "GET",
  path: "/v1/webhooks/:id/deliveries",
  paged: true,
} as const;
export const resendDelivery = {
  id: "resendDelivery",
  method: "POST",
  path: "/v1/webhooks/:id/deliveries/:delivery/resend",
} as const;
export const listProcesses = { id: "listProcesses", method: "GET", path: "/v1/cluster/processes" } as const;
export const drainProcess = {
  id: "drainProcess",
  method: "POST",
  path: "/v1/cluster/processes/:id/drain",
} as const;
export const undrainProcess = {
  id: "undrainProcess",
  method: "POST",
  path: "/v1/cluster/processes/:id/undrain",
} as const;
export const listClusterRooms = {
  id: "listClusterRooms",
  method: "GET",
  path: "/v1/cluster/rooms",
  paged: true,
} as const;
export const moveRoom = { id: "moveRoom", method: "POST", path: "/v1/cluster/rooms/:kind/:id/move" } as const;
export const rebalance = { id: "rebalance", method: "POST", path: "/v1/cluster/rebalance" } as const;
export const health = { id: "health", method: "GET", path: "/healthz", open: true } as const;
export const readiness = { id: "readiness", method: "GET", path: "/readyz", open: true } as const;
export const metrics = { id: "metrics", method: "GET", path: "/metrics", givesText: true } as const;

export type { MemberRole } from "../../core/domain/conversation/state.ts";
export type { MessageView } from "../../core/domain/conversation/view.ts";
export type { ErrorCode, Forerunner, Rejection } from "../../core/domain/errors.ts";
export type { QueueMetrics } from "../../core/domain/queue/metrics.ts";
export type { CommandReply, ResumedEvent, WireEvent } from "../../core/protocol/events.ts";
export type {
  AdmittedMessage,
  CalledMessage,
  EndedPlace,
  NoticeMessage,
  PlaceMessage,
  SetBackReason,
} from "../../core/protocol/queue.ts";
export type { ChatSummary, Me, Person, QueueSummary, VisitItem } from "../../core/protocol/rest.ts";
export type { InviteReply, VisitSummary, YouMessage } from "../../core/protocol/visit.ts";
export { type CallLibraries, joinCall } from "./call/join-call.ts";
export { idbOutboxStore } from "./chat/idb-outbox-store.ts";
export {
  memoryOutboxStore,
  type OutboxScope,
  type OutboxStore,
  type StoredMessage,
} from "./chat/outbox-store.ts";
export { HugMeDoError } from "./errors.ts";
export { HugMeDo, type SdkOptions } from "./hugmedo.ts";
export type * from "./types.ts";

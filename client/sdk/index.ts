export type { MemberRole } from "../../core/domain/conversation/state.ts";
export type { MessageView } from "../../core/domain/conversation/view.ts";
export type { ErrorCode, Rejection } from "../../core/domain/errors.ts";
export type { CommandReply, ResumedEvent, WireEvent } from "../../core/protocol/events.ts";
export type { ChatSummary, Me, Person } from "../../core/protocol/rest.ts";
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

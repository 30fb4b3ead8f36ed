import { type MarkStorage, Marks } from "./marks.ts";

/**
 * Which chats of a person hold unsent messages on this device. The messages are the SDK's care, as soon as
 * the chat is joined; the marks say which chats to join for that when the page is opened anew.
 */
export class UnsentMarks extends Marks {
  constructor(storage: MarkStorage, person: string) {
    super(storage, `hugmedo.unsent.${person}`);
  }
}

/**
 * Every way a request can fail, as one closed set. The same strings are used by the domain, on the
 * socket (`{ code, message }`), in `application/problem+json` and by the SDK.
 *
 * The default message tells the person what to do next and never contains private data.
 */
export const errorMessages = {
  invalid_payload: "The request is not of the documented form. Correct it and send it again.",
  unknown_request: "This room knows no request of that name. See the documentation for the names it takes.",
  unauthenticated: "Sign in, then try again.",
  credentials_rejected: "The user name or the password is wrong. Check both and try again.",
  second_factor_required: "Enter the code that your authenticator app shows now.",
  second_factor_enrolment:
    "Your organisation wants a second factor of you. Set up an authenticator app, then enter its code.",
  code_rejected: "The code is wrong, or was used already. Wait for the next one and enter that.",
  challenge_expired: "That took too long, or had too many tries. Begin again with your password.",
  client_rejected:
    "The client's id or secret is wrong, or no longer good. Check both, or ask for a new secret.",
  scope_rejected: "The client does not have all of these scopes. Ask for those that it has.",
  secret_limit: "The client has two secrets already. Remove one first.",
  session_ended: "Your session has ended. Sign in again.",
  csrf_rejected: "The request did not come from our page. Reload the page and try again.",
  forbidden: "You may not do this. Ask someone with the right role.",
  not_found: "There is nothing here, or you have no access to it. Check the address.",
  room_not_found:
    "There is no such room, or you are not a member of it. Check the address or ask to be added.",
  room_closed: "The room has moved or is restarting. Join it again.",
  person_not_found: "There is no such person in your organisation. Check the name.",
  command_conflict: "This id was used for another request. Use a new id for a new request.",
  idempotency_mismatch: "This Idempotency-Key was used for another request. Use a new key for a new request.",
  request_in_progress: "The same request is being worked on. Send it again in a moment to get its reply.",
  precondition_failed: "This has changed since you read it. Read it again, and decide on what it is now.",
  precondition_required: "Say with If-Match which revision you change: read it first, and send its ETag.",
  held: "There is a legal hold on this. Have it lifted first.",
  already_exists: "This exists already. Open it instead of making it again.",
  body_empty: "The message is empty. Write something first.",
  body_too_long: "The message is longer than 65,536 bytes. Shorten it or send it in parts.",
  body_malformed: "The message contains characters that cannot be stored. Remove them and send it again.",
  file_not_found:
    "There is no such file here, or it is no longer kept, or in another message already. Add it again.",
  file_not_ready: "This file is still being checked. Wait a moment and try again.",
  file_incomplete: "The file has not come in whole. Send it again.",
  file_rejected: "This file was blocked by our checks. Send another one.",
  file_type_refused:
    "Files of this type cannot be sent. Send a picture, a PDF, a text, a sound or a document.",
  file_too_large: "This file is too large. Send a smaller one.",
  files_off:
    "This installation takes no files, because nothing checks them for viruses. Ask your administrator to set that up.",
  upload_expired: "This address for sending a file is no longer good. Ask for a new one.",
  link_expired: "This link is no longer good. Open the file from the conversation again.",
  message_not_found: "There is no such message in this conversation. Reload the conversation.",
  message_deleted: "This message was deleted. Nothing more can be done with it.",
  seq_out_of_range: "That position is not in this conversation. Reload the conversation.",
  last_admin: "A conversation needs one administrator. Make someone else administrator first.",
  last_administrator:
    "An organisation needs an administrator who can sign in. Make somebody else administrator first.",
  member_limit: "The conversation is full. Remove someone first.",
  queue_closed: "This queue is closed. Come back in its opening hours, or call the clinic.",
  queue_suspended: "This queue is paused. Those who wait keep their place; try again later.",
  queue_not_found: "There is no such queue. Choose another one.",
  already_admitted: "Your visit is open already. Enter it.",
  check_in_incomplete:
    "Something that the clinic needs is missing. Fill in every field, then check in again.",
  entry_not_found: "This patient is not in this queue. Look at the queue as it is now.",
  entry_gone: "This patient is no longer in the queue. Look at the queue as it is now.",
  entry_taken: "A colleague was faster. Look at the queue as it is now, and choose another patient.",
  entry_away: "The patient is not here at the moment. Call them when they are back.",
  entry_not_called: "You have not been called yet. Wait here: we will tell you.",
  entry_moving: "This patient is being moved at this moment. Try again in a few seconds.",
  no_clinician: "No clinician is free for this patient. Ask one to come on duty, or name one.",
  hours_invalid: "These opening hours cannot be used. Correct them and try again.",
  visit_ended: "This visit has ended. Nothing more can be changed in it.",
  visit_not_started: "This visit has not begun. Start it first.",
  visit_locked: "This visit is locked. Ask the clinician to unlock it.",
  visit_phase: "That cannot be done at this stage of the visit. Look at where it stands.",
  participant_not_found: "There is no such person in this visit. Look at who is there now.",
  invitation_invalid: "This invitation is not valid. Ask the clinic for a new one.",
  invitation_expired: "This invitation has expired. Ask the clinic for a new one.",
  invitation_used: "This invitation was used already. Ask the clinic for a new one.",
  media_unavailable:
    "The call cannot be set up at this moment. Stay here: it begins by itself as soon as it can, and you can write meanwhile.",
  call_full: "No more people fit into this call. Write in the chat, or join when somebody has left.",
  call_incompatible: "This browser cannot take part in the call. Use a current version of another one.",
  call_moved: "The call goes on in a new session. Join it again.",
  call_gone: "The call has broken off. Stay here: it is set up anew and goes on by itself.",
  not_in_call: "You are not in the call. Join it first.",
  consent_missing:
    "Somebody who is here has not agreed to being recorded. Ask them, and start when everyone has agreed.",
  consent_text_not_found:
    "There is no such version of this text. Load the texts again, show the one that is there, and ask again.",
  recording_unavailable:
    "This call cannot be recorded at this moment. Take notes instead, or start again once the call is open.",
  recording_running: "The visit is being recorded already. Stop that first to make another recording.",
  recording_not_found: "There is no such recording, or it is no longer kept. Look at the list of recordings.",
  survey_given: "You have given your answers already. Thank you.",
  room_asleep: "Nobody is in this room, so it is on no process. Nothing needs to be moved.",
  room_fragile: "A patient is on the way into or out of this room. Try again in a few seconds, or force it.",
  no_process: "No other process can take the room. Start one, or take one out of its drain.",
  rate_limited: "That was too fast. Wait a moment and try again.",
  busy: "The room is busy. Try again in a moment.",
  payload_too_large: "The request is too large. Send less at once.",
  unsupported_media_type: "Send the request as application/json.",
  method_not_allowed: "This address does not take that method. See the documentation.",
  unavailable: "A part of the service cannot be reached. Try again in a moment.",
  internal: "Something went wrong on our side. Try again; if it stays, tell your administrator.",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorMessages;

/** Who did first what somebody else wanted to do, and when (ms since the epoch). */
export interface Forerunner {
  readonly person: string;
  readonly name: string;
  readonly at: number;
}

/**
 * A refused request. `retryAfterMs` says when the same request may be tried again; `first` who was faster,
 * for colleagues only; `challenge` what a sign-in goes on with.
 */
export interface Rejection {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly first?: Forerunner;
  readonly challenge?: string;
}

/** Builds a rejection; without a message of its own it carries the code's default. */
export function rejection(code: ErrorCode, message?: string, retryAfterMs?: number): Rejection {
  const base = { code, message: message ?? errorMessages[code] };
  return retryAfterMs === undefined ? base : { ...base, retryAfterMs };
}

/** A rejection on its way up through code that throws. */
export class DomainError extends Error {
  override readonly name: string = "DomainError";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly first: Forerunner | undefined;
  readonly challenge: string | undefined;

  constructor(
    code: ErrorCode,
    message?: string,
    options: {
      retryAfterMs?: number | undefined;
      first?: Forerunner | undefined;
      challenge?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message ?? errorMessages[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.first = options.first;
    this.challenge = options.challenge;
  }

  toRejection(): Rejection {
    const refused = rejection(this.code, this.message, this.retryAfterMs);
    return {
      ...refused,
      ...(this.first && { first: this.first }),
      ...(this.challenge !== undefined && { challenge: this.challenge }),
    };
  }
}

export function toDomainError(
  { code, message, retryAfterMs, first, challenge }: Rejection,
  cause?: unknown,
): DomainError {
  return new DomainError(code, message, { retryAfterMs, first, challenge, cause });
}

/** What the outside may know of any thrown value: a DomainError's own words, else only `internal`. */
export function toRejection(error: unknown): Rejection {
  return error instanceof DomainError ? error.toRejection() : rejection("internal");
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorMessages, value);
}

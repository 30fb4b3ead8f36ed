import type { ConsentKind } from "../../../../../../core/domain/consent/consent.ts";
import type {
  InvitationStatus,
  MediaKind,
  VisitOutcome,
  VisitPhase,
  VisitRole,
} from "../../../../../../core/domain/visit/state.ts";

const list = new Intl.ListFormat("en", { type: "conjunction" });

const consents: Readonly<Record<ConsentKind, { readonly title: string; readonly text: string }>> = {
  telehealth: {
    title: "Being seen from afar",
    text: "I agree to be seen by video or audio in place of coming to the clinic.",
  },
  recording: {
    title: "Recording",
    text: "This visit may be recorded. It is recorded only while everyone agrees.",
  },
  observers: { title: "Observers", text: "A person who is learning or checking may be present." },
  sharing: { title: "Sharing", text: "The clinic may pass what was said on to my family doctor." },
};

/** Words of the visits. */
export const visit = {
  title: "Visits",
  none: "You have no visits.",
  noneOnDay: "There are no visits on this day.",
  failed: "The list could not be loaded.",
  retry: "Try again",
  stale: "You are offline. The list may be out of date.",
  coming: "Now and next",
  past: "Earlier visits",
  day: "Day",
  previousDay: "The day before",
  nextDay: "The day after",
  today: "Today",
  with: (name: string) => `With ${name}`,
  noClinician: "Who will see you is not decided yet",
  noClinicianStaff: "No clinician yet",
  back: "Back to the visits",
  name: "Visit",
  nameWith: (name: string) => `Visit with ${name}`,
  roles: {
    patient: "Patient",
    clinician: "Clinician",
    interpreter: "Interpreter",
    family: "Family",
    observer: "Observer",
  } as Readonly<Record<VisitRole, string>>,
  phases: {
    scheduled: "Scheduled",
    waiting: "Waiting",
    in_progress: "In progress",
    ended: "Ended",
  } as Readonly<Record<VisitPhase, string>>,
  outcomes: {
    completed: "Completed",
    referred: "Referred to someone else",
    interrupted: "Interrupted",
    no_show: "The patient did not come",
    cancelled: "Cancelled",
  } as Readonly<Record<VisitOutcome, string>>,

  tabs: { label: "Parts of the visit", visit: "Visit", chat: "Chat" },
  chatTitle: "Chat of this visit",
  chatOver: "This visit has ended. The chat stays here to read.",
  offlineHint: "The visit goes on as soon as the connection is back. What you write is kept.",
  closed: "You cannot enter this visit",

  stage: {
    scheduled: (when: string) => `The visit is planned for ${when}`,
    scheduledHint: "You may stay here. The clinician sees you when the visit begins.",
    scheduledStaff: "The patient has not come yet.",
    waiting: "You are in the right place",
    waitingHint: (name: string) =>
      name === "" ? "The clinician will be with you in a moment." : `${name} will be with you in a moment.`,
    waitingTitleStaff: "The patient is waiting",
    waitingStaff: "Begin when you are ready.",
    inProgress: "The visit is in progress",
    held: "One moment, please",
    heldHint: "The clinician is talking with a colleague, and will be back with you.",
    heldStaff: "On hold. The patient and guests see that you will be back.",
    ended: "The visit has ended",
    since: (time: string) => `since ${time}`,
    began: "Began",
    reason: "Reason",
  },

  door: {
    title: "You are at the door",
    expected: "Knock, and the clinician lets you in.",
    knock: "Knock",
    knocking: "You have knocked. The clinician sees that you are here.",
    knockingHint: "Stay on this page: it opens by itself.",
    locked: "The door is closed for the moment. Stay here, or knock again a little later.",
    removed: "You are no longer in this visit",
    removedHint: "If this is a mistake, ask the clinic to invite you again.",
    ended: "The visit is over. Thank you for being there.",
    atDoor: "At the door",
    waits: (name: string, role: string) => `${name} (${role}) asks to come in`,
    admit: "Let in",
    turnAway: "Turn away",
  },

  people: {
    title: "Who is here",
    me: "you",
    here: "Here",
    away: "Not here now",
    expected: "Invited, not here yet",
    knocking: "At the door",
    remove: "Remove",
    removeTitle: (name: string) => `Remove ${name} from the visit?`,
    removeNote: "Their connection is closed, and they cannot come back without a new invitation.",
    entered: (names: readonly string[]) => `${list.format(names)} came in.`,
  },

  media: {
    of: {
      video: "with video and audio",
      audio: "with audio only",
      none: "without video and audio",
    } as Readonly<Record<MediaKind, string>>,
    check: "Check camera and microphone",
  },

  consent: {
    title: "What you agree to",
    lead: "You can change each of these at any time.",
    kinds: consents,
    give: "I agree",
    withdraw: "Withdraw",
    held: "You agree",
    notHeld: "Not agreed",
    who: "Who agreed to what",
    nobody: "Nobody has agreed to anything yet.",
    given: (name: string, what: string, when: string) => `${name} agreed to “${what}” (${when})`,
    withdrawn: (name: string, what: string, when: string) => `${name} withdrew “${what}” (${when})`,
  },

  tools: {
    title: "This visit",
    start: "Begin the visit",
    end: "End the visit",
    hold: "Put on hold",
    unhold: "Go on",
    lock: "Lock the door",
    unlock: "Unlock the door",
    locked: "The door is locked: nobody can knock.",
    invite: "Invite someone",
    transfer: "Hand over",
  },

  end: {
    title: "End the visit?",
    outcome: "How did it end?",
    submit: "End the visit",
    keep: "Go on with it",
    outcomes: {
      completed: "Completed",
      referred: "Referred to someone else",
      interrupted: "Interrupted",
      no_show: "The patient did not come",
    },
  },

  transfer: {
    title: "Hand the visit over",
    lead: "Your colleague becomes responsible. You stay in the visit.",
    search: "Search by name",
    nobody: "No clinician of that name was found.",
    submit: (name: string) => `Hand over to ${name}`,
    choose: "Choose a colleague",
  },

  notes: {
    title: "Notes",
    label: "Write a note",
    shared: "The patient may read this note",
    isShared: "Shared with the patient",
    isPrivate: "For the clinic only",
    submit: "Keep the note",
    kept: "The note is kept.",
    none: "No notes yet.",
  },

  summary: {
    title: "Summary",
    outcome: "Outcome",
    when: "When",
    duration: "Length",
    minutes: (n: number) => (n === 1 ? "1 minute" : `${n} minutes`),
    lessThanMinute: "Less than a minute",
    with: "With",
    people: "Who was there",
    reason: "Reason",
    notes: "From your clinician",
    notesStaff: "Notes",
    media: "Video and audio",
    mediaLine: (name: string, media: string, when: string) => `${when}: ${name} ${media}`,
    failed: "The summary could not be loaded.",
  },

  survey: {
    title: "How was your visit?",
    ratings: ["Very bad", "Bad", "All right", "Good", "Very good"] as readonly string[],
    comment: "Would you like to tell us more?",
    commentHint: "You may leave this empty.",
    submit: "Send",
    missing: "Choose one of the five answers.",
    thanks: "Thank you for your answer.",
    answered: "The patient's answer",
  },
};

export type VisitWords = typeof visit;

const statuses: Readonly<Record<InvitationStatus, string>> = {
  open: "Not used yet",
  accepted: "Used",
  revoked: "Withdrawn",
  expired: "Expired",
};

/** Words of invitations, for those who make and those who follow them. */
export const invitation = {
  title: "Invite someone",
  who: "Who comes?",
  roles: {
    interpreter: { title: "Interpreter", text: "Talks and writes with you." },
    family: { title: "Family", text: "Talks and writes with you." },
    observer: { title: "Observer", text: "Sees and reads, and does not write." },
  },
  label: "Name or note",
  labelHint: "So that you know whom it is for",
  expires: "It is good for",
  hours: (n: number) =>
    n === 1 ? "1 hour" : n % 24 === 0 ? (n === 24 ? "1 day" : `${n / 24} days`) : `${n} hours`,
  submit: "Make a link",
  busy: "One moment…",
  ready: "The link is ready",
  once: "It is shown only now, and lets one person in once. Send it to nobody else.",
  link: "Invitation link",
  copy: "Copy the link",
  copied: "Copied.",
  share: "Send it",
  shareText: "Invitation to a visit",
  list: "Invitations",
  good: (when: string) => `Good until ${when}`,
  statuses,
  revoke: "Withdraw",
  revokeTitle: (name: string) => `Withdraw the invitation of ${name}?`,
  revokeNote: "The link stops working. Whoever came by it is asked to leave.",

  join: {
    title: "You are invited to a visit",
    lead: "Write your name, so that the clinician knows who is at the door.",
    name: "Your name",
    missing: "Write your name.",
    submit: "Come to the door",
    busy: "One moment…",
    signedIn: (name: string) =>
      `${name} is signed in on this device. If you come as a guest, they are signed out.`,
    privacy: "You will see this visit and nothing else of the clinic.",
  },
  home: {
    title: "Your visit is over",
    text: "Open your invitation link again, or ask the clinic for a new one.",
  },
};

export type InvitationWords = typeof invitation;

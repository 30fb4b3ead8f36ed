import { type ErrorCode, errorMessages } from "../../../../../core/domain/errors.ts";
import type { Role } from "../../../../../core/domain/principal.ts";
import { call } from "./en/call.ts";
import { consoleWords } from "./en/console.ts";
import { files } from "./en/files.ts";
import { recording } from "./en/recording.ts";
import { security } from "./en/security.ts";
import { invitation, visit } from "./en/visit.ts";
import { waiting } from "./en/waiting.ts";

const list = new Intl.ListFormat("en", { type: "conjunction" });
const several = (n: number, one: string, many: string): string => (n === 1 ? one : `${n} ${many}`);

/** Every word of the page. The other languages have the same shape. */
export const en = {
  tagline: "Care that stays with you.",
  promise:
    "Talk with your clinic in one calm place. Every message arrives, even when the connection does not last.",
  language: "Language",
  skip: "Skip to the conversation",
  close: "Close",
  cancel: "Cancel",
  demo: "Demo account",
  demoRole: (role: string) => `Demo · ${role}`,

  navigation: {
    label: "Menu",
    skip: "Skip to the page",
    waitingRooms: "Waiting rooms",
    queues: "Queues",
    visits: "Visits",
    messages: "Messages",
  },

  signIn: {
    title: "Sign in",
    demoTitle: "Try it with a demo account",
    demoNote: "Demo accounts are shared and hold made-up data. Write nothing real.",
    demoMore: (n: number) => several(n, "1 more demo account", "more demo accounts"),
    formTitle: "Sign in with your own account",
    username: "User name",
    password: "Password",
    showPassword: "Show password",
    hidePassword: "Hide password",
    submit: "Sign in",
    busy: "Signing in…",
    fillBoth: "Write your user name and your password.",
  },
  signOut: "Sign out",
  unsent: {
    title: "Sign out now?",
    note: (n: number) => `${several(n, "1 message has", "messages have")} not been sent yet.`,
    stay: "Stay signed in",
  },
  starting: "One moment…",
  unreachable: "HugMeDo cannot be reached just now. We keep trying.",
  retryNow: "Try now",

  roles: {
    patient: "Patient",
    guest: "Guest",
    clinician: "Clinician",
    desk: "Front desk",
    admin: "Administrator",
    operator: "Operator",
    auditor: "Auditor",
    integrator: "Integrator",
    system: "System",
  } as Readonly<Record<Role, string>>,
  memberRoles: { admin: "Manages this conversation", member: "", observer: "Reads only" },

  chats: {
    title: "Conversations",
    choose: "Choose a conversation",
    chooseHint: "Your conversations are listed beside this. Open one to read and write.",
    empty: "You have no conversations yet.",
    emptyStaff: "You have no conversations yet. Start the first one.",
    emptyPatient: "You have no conversations yet. Your clinic will start one with you.",
    failed: "The list could not be loaded.",
    retry: "Try again",
    stale: "You are offline. The list may be out of date.",
    noMessages: "No messages yet",
    deleted: "Message deleted",
    you: "You",
    unread: (n: number) =>
      n >= 99 ? "99 or more new messages" : several(n, "1 new message", "new messages"),
    unreadShort: (n: number) => (n >= 99 ? "99+" : String(n)),
    create: "New conversation",
    notFound: "This page does not exist",
    notFoundHint: "The address may be old or mistyped.",
    toList: "Back to conversations",
  },

  search: {
    label: "Search",
    clear: "Clear the search",
    busy: "Searching…",
    nothing: "Nothing was found. Try another word.",
    longer: "Write a little more: two characters, or a word.",
    found: (n: number, more: boolean) =>
      `${several(n, "1 result", "results")}${more ? ", and older ones" : ""}`,
    more: "Show older results",
    visit: "Visit",
    groups: {
      messages: "Messages",
      files: "Files",
      visits: "Visits",
      rooms: "Conversations and queues",
      people: "People",
    },
  },

  create: {
    title: "New conversation",
    name: "What is it about?",
    namePlaceholder: "For example: Blood pressure follow-up",
    people: "Who takes part?",
    search: "Search by name",
    nobody: "Nobody of that name was found.",
    chosen: (n: number) => several(n, "1 person chosen", "people chosen"),
    remove: (name: string) => `Remove ${name}`,
    submit: "Start conversation",
    busy: "Starting…",
    nameMissing: "Write what the conversation is about.",
    peopleMissing: "Choose at least one person.",
  },

  conversation: {
    log: (title: string) => `Messages: ${title}`,
    back: "Back to conversations",
    members: "People",
    membersOf: (online: number, all: number) => `${online} of ${all} online`,
    showMembers: (n: number) => `Show the ${several(n, "1 person", "people")} in this conversation`,
    online: "Online",
    offline: "Not here now",
    me: "you",
    formerMember: "Former member",
    empty: "No messages yet",
    emptyHint: "Write the first one below.",
    loading: "Loading messages…",
    older: "Show earlier messages",
    olderFailed: "Earlier messages could not be loaded.",
    beginning: "This is the beginning of the conversation.",
    newMessages: "New messages",
    toNewest: (n: number) =>
      n === 0 ? "To the newest message" : several(n, "1 new message", "new messages"),
    more: "Show the whole message",
    less: "Show less",
    deleted: "This message was deleted.",
    edited: "edited",
    today: "Today",
    yesterday: "Yesterday",
    typing: (names: readonly string[]) =>
      names.length > 2
        ? "Several people are writing…"
        : `${list.format(names)} ${names.length === 1 ? "is" : "are"} writing…`,
    observer: "You can read this conversation, but not write in it.",
    closed: "This conversation is closed to you",
    opened: (title: string) => `Conversation ${title}`,
  },

  delivery: {
    sending: "Sending…",
    waiting: "Will be sent when you are online",
    sent: "Sent",
    seen: "Seen",
    seenBy: (names: readonly string[]) =>
      names.length > 3 ? `Seen by ${names.length} people` : `Seen by ${list.format(names)}`,
    refused: "Not sent.",
    retry: "Try again",
    discard: "Discard",
  },

  connection: {
    offline: "You are offline.",
    offlineHint: "Keep writing: your messages are kept on this device and sent when the connection is back.",
    recovering: "Reconnecting…",
    back: "You are online again.",
  },

  message: {
    actions: (name: string) => `More about the message from ${name}`,
    actionsMine: "More about your message",
    title: "Message",
    reply: "Reply",
    edit: "Edit",
    delete: "Delete",
    copy: "Copy text",
    copied: "Copied.",
    react: (emoji: string) => `React with ${emoji}`,
    unreact: (emoji: string) => `Take back ${emoji}`,
    reactions: "Reactions",
    reacted: (emoji: string, names: readonly string[]) => `${emoji} ${list.format(names)}`,
    replyTo: (name: string) => `Reply to ${name}`,
    earlier: "An earlier message",
    deleteTitle: "Delete this message?",
    deleteNote: "It disappears for everyone in the conversation.",
    deleteConfirm: "Delete",
    keep: "Keep it",
  },

  composer: {
    label: "Write a message",
    placeholder: "Write a message",
    send: "Send",
    save: "Save",
    editing: "Editing your message",
    replying: (name: string) => `Replying to ${name}`,
    keys: "Enter sends, Shift and Enter starts a new line.",
  },

  files,
  waiting,
  visit,
  call,
  recording,
  security,
  invitation,

  console: consoleWords,

  errors: errorMessages as Readonly<Record<ErrorCode, string>>,
};

export type Dictionary = typeof en;

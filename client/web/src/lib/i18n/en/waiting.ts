import type { EndedPlace, SetBackReason } from "../../../../../../core/protocol/queue.ts";
import type { NetworkTrouble, NetworkVerdict } from "../../waiting/network.ts";
import type { Step } from "../../waiting/stage.ts";
import type { Wait } from "../../waiting/wait.ts";

const minutes = (n: number): string => (n === 1 ? "1 minute" : `${n} minutes`);
const hours = (n: number): string => (n === 1 ? "1 hour" : `${n} hours`);
const long = (n: number): string => {
  if (n < 60) return minutes(n);
  return n % 60 === 0 ? hours(n / 60) : `${hours(Math.floor(n / 60))} ${minutes(n % 60)}`;
};

/** Minutes and seconds, as on a clock. */
export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const setBack: Readonly<Record<SetBackReason, string>> = {
  priority: "Someone whose need is more urgent goes first.",
  moved: "The clinic has changed the order.",
  transfer: "Someone who has waited longer came from another waiting room.",
};

const ended: Readonly<
  Record<EndedPlace["how"], { readonly title: string; readonly text: string; readonly next: string }>
> = {
  left: {
    title: "You have given up your place",
    text: "You left the waiting room.",
    next: "You can take a new place whenever it is open.",
  },
  removed: {
    title: "The clinic has ended your wait",
    text: "The clinic took you off the list.",
    next: "If you still need help, take a new place, or call the clinic.",
  },
  noShow: {
    title: "We called you, but could not reach you",
    text: "Your turn came and nobody answered, so your place went to the next person.",
    next: "You are still welcome: take a new place.",
  },
  released: {
    title: "Your place could not be kept",
    text: "Your connection was away for too long.",
    next: "You are still welcome: take a new place.",
  },
  closed: {
    title: "The waiting room has closed",
    text: "We are sorry: you could not be seen today.",
    next: "Come back when it opens again, or call the clinic if it cannot wait.",
  },
  transferred: {
    title: "You were moved to another waiting room",
    text: "The time that you have waited counts there too.",
    next: "Go on to your place there.",
  },
  admitted: {
    title: "Your turn has come",
    text: "From here you were let in to your visit.",
    next: "You find it under your visits.",
  },
};

const steps: Readonly<Record<Step["key"], { readonly title: string; readonly text: string }>> = {
  checkIn: { title: "Check in", text: "Answer a few questions, so that the clinic is prepared." },
  wait: {
    title: "Wait where you like",
    text: "Keep this page open. The number above changes by itself.",
  },
  call: {
    title: "We call you",
    text: "You hear a sound, and a large button appears. Press it to say that you are there.",
  },
  visit: { title: "Your visit begins", text: "The page opens it by itself." },
};

/** Words of the waiting rooms, as a patient reads them. */
export const waiting = {
  title: "Waiting rooms",
  choose: "Choose where you would like to be seen.",
  none: "There is no waiting room for you just now.",
  yourPlaceIsHere: "You have a place here",
  back: "Back to the waiting rooms",
  opening: { open: "Open", suspended: "Paused", closed: "Closed" },
  openUntil: (when: string) => `Open until ${when}`,
  opens: (when: string) => `Closed. Opens ${when}`,
  enter: "Go in",

  emergency: "If it is an emergency, do not wait here: call 119 or your local emergency number.",

  closedTitle: "This waiting room is closed now",
  closedHint: "You can take a place when it opens. This page then changes by itself.",
  closedOpens: (when: string) => `It opens ${when}.`,
  suspendedTitle: "This waiting room is paused",
  suspendedUntil: (when: string) => `Expected to go on: ${when}`,
  suspendedHint: "Nobody new can come in for the moment. This page changes by itself when it goes on.",
  pausedInside: "The clinic is taking a pause. You keep your place.",
  pausedInsideUntil: (when: string) => `Expected to go on: ${when}`,
  closedInside: "The waiting room takes nobody new today. You keep your place.",

  join: {
    title: "Take a place",
    reason: "Why would you like to be seen?",
    reasonHint: "A few words are enough. You may also leave this empty.",
    language: "Which language do you speak?",
    needs: "Do you need anything?",
    needsHint: "Choose as many as you like.",
    otherNeed: "Something else",
    appointment: "Do you have an appointment?",
    noAppointment: "No, I come without one",
    appointmentAt: (when: string, name: string) => (name === "" ? `Yes: ${when}` : `Yes: ${when}, ${name}`),
    submit: "Take a place",
    busy: "One moment…",
  },
  /** What is sent to the clinic is the key. */
  needs: {
    interpreter: "An interpreter",
    hearing: "I do not hear well",
    wheelchair: "I use a wheelchair",
  } as Readonly<Record<string, string>>,

  checkIn: {
    title: "Check in",
    lead: "You have your place. The clinic needs this before it can see you:",
    identity: (name: string) => `I am ${name}`,
    identityTitle: "Who are you?",
    identityWhy: "So that nobody else is taken for you.",
    location: "Where are you now?",
    locationHint: "Street and town, or a place that others can find",
    locationWhy: "So that help can be sent to you if you suddenly need it.",
    emergencyContact: "Who should be called if something happens?",
    emergencyContactHint: "Name and phone number",
    emergencyContactWhy: "So that someone close to you can be told.",
    missing: "Please answer every question.",
    submit: "Check in",
    busy: "Sending…",
    done: "You are checked in.",
    change: "Change my answers",
  },

  place: {
    title: "Your place",
    before: "You are number",
    after: "",
    announced: (place: number) => `You are number ${place}.`,
    next: "You are next.",
    ahead: (n: number) => (n === 1 ? "1 person is ahead of you." : `${n} people are ahead of you.`),
    estimate: "Estimated wait",
    wait: (wait: Wait): string => {
      if (wait.kind === "unknown") return "We cannot say yet";
      if (wait.kind === "soon") return "Only a few minutes";
      if (wait.kind === "about") return `About ${long(wait.minutes)}`;
      return wait.to < 60
        ? `About ${wait.from} to ${wait.to} minutes`
        : `About ${long(wait.from)} to ${long(wait.to)}`;
    },
    waitHint: {
      unknown: "Nobody is seeing patients at this moment. You keep your place.",
      known: "A guess from today's visits. It can be shorter or longer.",
    },
    kept: "This place is yours, also if your connection breaks for a moment.",
    setBack: (why: SetBackReason, when: string) =>
      `${setBack[why]} That is why your place changed (${when}).`,
    missed: (when: string) =>
      `We called you at ${when}, and got no answer. You keep your place, and we call again.`,
    cameFrom: (title: string) =>
      `The clinic has moved you here from “${title}”. The time you have waited counts.`,
    held: "The clinic has put you on hold for a moment. You keep your place.",
    away: "You were away. You keep your place now that you are back.",
  },

  next: "What happens next",
  steps,
  stepDone: "done",

  notices: "From the clinic",
  noticeForYou: "For you",

  device: {
    link: "Check camera and microphone",
    hint: "So that the visit begins well.",
  },

  leave: {
    open: "Leave the waiting room",
    title: "Give up your place?",
    note: "If you come back later, you start at the end.",
    stay: "Keep my place",
    confirm: "Leave",
  },

  call: {
    title: (name: string) => `${name} is ready for you`,
    titleUnnamed: "The clinic is ready for you",
    text: "Press the button to say that you are there.",
    button: "I am here",
    busy: "One moment…",
    left: (seconds: number) => `Time left to answer: ${clock(seconds)}`,
    late: "Answer now",
    hurry: "Half a minute is left to answer.",
    tab: "It is your turn!",
  },
  confirmed: {
    title: "Thank you. The clinic knows that you are there.",
    text: "The clinician is about to let you in. Stay on this page.",
  },
  leaving: { title: "The door is opening…", text: "One moment, you are being let in." },
  admitted: {
    title: "Your visit is open",
    text: "You can go in now.",
    enter: "Go to my visit",
  },

  ended,
  endedReason: "The clinic wrote:",
  again: "Take a new place",
  goThere: "Go to my place there",
  toVisits: "To my visits",

  bar: {
    place: (title: string, place: number) => `You are number ${place} · ${title}`,
    held: (title: string) => `On hold · ${title}`,
    ended: (title: string) => `Your place has ended · ${title}`,
    open: "Show",
  },

  offlineHint: "Your place is kept for a while. Leave this page open: we keep trying.",
  signOut: "You have a place in a waiting room. Signed out, you are not called, and may lose it.",
  closed: "You cannot come in here",

  check: {
    title: "Camera and microphone",
    lead: "Nobody sees or hears you here. Nothing is recorded.",
    start: "Start the check",
    starting: "Your browser may ask you now. Choose “Allow”.",
    again: "Try again",
    camera: "Camera",
    cameraOk: "Can you see yourself? Then the camera works.",
    cameraSelect: "Which camera?",
    preview: "Your camera's picture",
    microphone: "Microphone",
    microphoneSay: "Say something: the bar moves when you are heard.",
    microphoneOk: "We hear you. The microphone works.",
    microphoneSelect: "Which microphone?",
    level: "How loud you are",
    speaker: "Speaker",
    speakerHint: "Press the button. You should hear three notes.",
    speakerPlay: "Play the sound",
    speakerPlaying: "Playing…",
    speakerHeard: "No sound? Turn the volume up, or plug headphones in.",
    faults: {
      denied:
        "The browser does not let us use it. Press the lock beside the address, allow it, and try again.",
      missing: "None was found. Plug one in, or use a phone.",
      inUse: "Another program is using it. Close that program, and try again.",
      insecure: "This browser only allows it on a secure page (https).",
      failed: "It could not be started. Unplug it, plug it in again, and try again.",
    },
    done: "Done",
    withoutCamera: "Without a camera you can still be heard.",
    network: {
      title: "Internet connection",
      hint: "Press the button. It takes about five seconds.",
      start: "Test the connection",
      again: "Test it again",
      measuring: "Testing… Please wait a moment.",
      verdicts: {
        good: "Your connection is good enough for a video call.",
        fair: "A video call should work. The picture may stop now and then.",
        poor: "Your connection is weak. Join with voice only, or change it as described below.",
        none: "A call is not possible like this.",
      } as Readonly<Record<NetworkVerdict, string>>,
      advice: {
        offline: "The clinic cannot be reached. Check that Wi-Fi or mobile data is on, then test again.",
        noCalls: "This browser cannot carry calls. Use a current version of Chrome, Edge, Firefox or Safari.",
        slow: "Answers take long. If you use a VPN, switch it off.",
        unsteady: "The connection is unsteady. Go nearer to your Wi-Fi router, or plug a cable in.",
        narrow: "Little gets through. Close other programs, and ask others to pause films and downloads.",
      } as Readonly<Record<NetworkTrouble, string>>,
      numbers: (ms: number, megabits: number | null) =>
        `Measured to the clinic: ${ms} ms there and back${megabits === null ? "" : `, about ${megabits.toFixed(1)} Mbit/s arriving`}. How fast your own picture goes out, and whether your network lets calls through, shows only in the call.`,
    },
  },
};

export type WaitingWords = typeof waiting;

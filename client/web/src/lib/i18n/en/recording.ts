import type { PauseReason, RecordingSign } from "../../recording/view.ts";

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** Words of recording a visit. */
export const recording = {
  title: "Recording",
  signs: {
    none: "",
    starting: "The recording begins",
    on: "Recording",
    pausing: "The recording is being paused",
    paused: "Recording paused",
    mending: "The recording broke off. It may go on by itself",
    ending: "The recording is being ended",
  } as Readonly<Record<RecordingSign, string>>,
  since: (time: string) => `since ${time}`,
  why: {
    withdrawn: "Somebody does not agree any more.",
    newcomer: "Somebody new is here and has not agreed yet.",
    other: "It goes on when the call does.",
  } as Readonly<Record<PauseReason, string>>,
  stopMe: "Stop recording me",

  ask: {
    title: "May this visit be recorded?",
    text: "The clinician would like to record picture and sound. You can stop it at any time.",
    agree: "Yes, I agree",
    no: "No",
    thanks: "Thank you. You can stop it at any time.",
    declined: "You are not recorded. Your visit goes on as before.",
  },

  staff: {
    lead: "Everyone here has to agree before anything is recorded.",
    ready: "Everyone here agrees.",
    lacking: (names: readonly string[]) => `Not agreed yet: ${list.format(names)}`,
    declined: (names: readonly string[]) => `Said no: ${list.format(names)}`,
    asked: "Asked. It can begin as soon as everyone has agreed.",
    ask: "Ask to record",
    askAgain: "Ask again",
    askInChat: "May I record this visit? If so, please press “I agree” beside “Recording” on this page.",
    wroteInChat: "Who could not be asked on the screen was asked in the chat.",
    record: "Record",
    mine: "By pressing this you agree for yourself too.",
    resume: "Go on recording",
    stop: "Stop the recording",
    stopped: "The recording has ended.",
    noCall: "Recording is possible once the call has begun.",
    admits: (names: readonly string[]) =>
      `${list.format(names)}: comes in as soon as the recording has paused.`,
  },

  kept: {
    title: "Recordings",
    failed: "The recordings could not be loaded.",
    length: (minutes: number, seconds: number) =>
      minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds} s`,
    of: (name: string) => `Only ${name}`,
    everyone: "Everyone together",
    making: "It is being made ready. Look again in a moment.",
    gone: "It is no longer kept.",
    fault: "Part of it is missing.",
    until: (when: string) => `Kept until ${when}`,
    download: "Download",
    busy: "Being fetched…",
  },
};

export type RecordingWords = typeof recording;

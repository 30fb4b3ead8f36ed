import type { DeviceFault, LinkQuality } from "../../../../../sdk/types.ts";

/** Words of the call. */
export const call = {
  title: "Call",
  ready: "Press the green button to see and hear each other. Your camera and microphone go on then.",
  readyStaff: "Join the call when you are ready.",
  join: "Join with video",
  joinVoice: "Join with voice only",
  joining: "Connecting the call…",
  allow: "Your browser may ask for the camera and the microphone. Choose “Allow”.",
  check: "Check camera and microphone first",

  alone: "You are in the call. The others appear here.",
  aloneWith: (name: string) => `You are in the call. ${name} appears here.`,
  connecting: (name: string) => `Connecting with ${name}…`,
  lost: (name: string) => `The connection with ${name} is being mended…`,
  reconnecting: "The call was cut. It comes back by itself: please wait.",
  failed: "The call cannot be set up at the moment.",
  failedHint: "It begins by itself as soon as it can. You can write in the chat meanwhile.",
  elsewhere: "The call goes on in another window or on another device of yours.",
  here: "Take it here",
  left: "You have left the call.",
  again: "Join the call again",
  held: "On hold. Nobody hears or sees you now.",

  me: "You",
  preview: "Your own picture",
  picture: (name: string) => `Picture of ${name}`,
  screenOf: (name: string) => `Screen of ${name}`,
  microphoneOff: "Microphone off",
  cameraOff: "Camera off",
  heldBack: "No picture for now",
  speaks: "Speaking",
  others: "The others",

  controls: "Call buttons",
  mute: "Mute",
  unmute: "Unmute",
  cameraOn: "Camera on",
  stopCamera: "Camera off",
  share: "Share screen",
  stopSharing: "Stop sharing",
  sharing: "The others see your screen.",
  voiceOnly: "Voice only",
  picturesOn: "Pictures on",
  blur: "Blur behind me",
  unblur: "Stop the blur",
  showCaptions: "Show captions",
  hideCaptions: "Hide captions",
  captions: "Captions",
  devices: "Devices",
  leave: "Leave the call",
  back: "Back to the picture",

  mutedHint: "You are muted. Nobody can hear you.",
  mutedByClinician: "The clinician has switched your microphone off. Press “Unmute” to speak.",
  saving: "Your connection is weak: your picture is off so that your voice gets through.",
  savingPictures:
    "Your connection is very weak: pictures are off both ways so that voices get through. They come back by themselves.",
  voiceOnlyHint: "Voice only: you see nobody, and nobody sees you.",
  unblurred: "This camera cannot blur what is behind you. The others can see it.",
  soundBlocked: "Your browser keeps the sound off.",
  soundOn: "Turn the sound on",
  muteOther: (name: string) => `Mute ${name}`,
  muted: (name: string) => `${name} is muted.`,

  quality: {
    good: "Good connection",
    fair: "Fair connection",
    poor: "Poor connection",
    lost: "No connection",
  } as Readonly<Record<LinkQuality, string>>,

  choose: {
    title: "Camera, microphone and speaker",
    camera: "Camera",
    microphone: "Microphone",
    speaker: "Speaker",
    standard: "The device's own choice",
    done: "Done",
  },

  faults: {
    camera: "Your camera cannot be used.",
    microphone: "Your microphone cannot be used: nobody can hear you.",
    why: {
      denied: "Press the lock beside the address, allow it, and try again.",
      missing: "None was found. Plug one in, and try again.",
      inUse: "Another program is using it. Close that program, and try again.",
      insecure: "This browser only allows it on a secure page (https).",
      failed: "Unplug it, plug it in again, and try again.",
    } as Readonly<Record<DeviceFault, string>>,
    again: "Try again",
  },
};

export type CallWords = typeof call;

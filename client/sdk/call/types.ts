import type { Rejection } from "../../../core/domain/errors.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type { Caption } from "./call-link.ts";

export type { Caption } from "./call-link.ts";

/**
 * Where a call stands. `idle`: not joined; `joining`: on the way in; `connected`: in it, alone or with others;
 * `reconnecting`: something broke and is being mended; `failed`: nothing serves it at present, see `reason`, and
 * it is joined again as soon as something does; `ended`: for good.
 */
export type CallStatus = "idle" | "joining" | "connected" | "reconnecting" | "failed" | "ended";

/** Why a camera, a microphone or the screen cannot be used. */
export type DeviceFault = "denied" | "missing" | "inUse" | "insecure" | "failed";

/** How well what is sent between us arrives. `lost`: nothing does. */
export type LinkQuality = "good" | "fair" | "poor" | "lost";

/** A camera or microphone of mine. */
export interface OwnDevice {
  /** Whether the others receive it. */
  readonly on: boolean;
  /** It is being opened. */
  readonly opening: boolean;
  /** A microphone that is off keeps its track, so that one can be told that one speaks into it. */
  readonly track: MediaStreamTrack | null;
  /** Which one was chosen; null: the browser's choice. */
  readonly device: string | null;
  readonly fault: DeviceFault | null;
}

export interface OwnMediaView {
  readonly microphone: OwnDevice;
  readonly camera: OwnDevice;
  readonly screen: MediaStreamTrack | null;
  /** The clinician has switched my microphone off; until I switch it on. */
  readonly mutedByClinician: boolean;
  /** Whether the camera blurs what is behind me; null: this device does not offer it. */
  readonly blur: boolean | null;
  /** I wanted it blurred, and this camera cannot. */
  readonly unblurred: boolean;
  /** By my own choice no pictures go or come, so that the voices get through. */
  readonly voiceOnly: boolean;
  /** My picture is not sent for now, because the connection is too weak for it. */
  readonly savingVideo: boolean;
  /** Nor are the others' received: it is too weak for that as well. */
  readonly savingPictures: boolean;
}

/** Somebody else in the call. */
export interface CallPerson {
  readonly person: string;
  readonly state: "connecting" | "connected" | "reconnecting";
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  /** Whether they speak into a microphone that is on. */
  readonly microphone: boolean;
  /** null: not measured yet. */
  readonly quality: LinkQuality | null;
  /** Where the backend can tell. */
  readonly speaking: boolean;
}

/** One immutable picture of a call. */
export interface CallSnapshot {
  readonly status: CallStatus;
  /** Why it `failed`, or `ended`; null: it was left. */
  readonly reason: Rejection | null;
  /** It goes on in another window or on another device of mine. */
  readonly elsewhere: boolean;
  /** What carries it; null while nothing does. */
  readonly backend: string | null;
  readonly me: OwnMediaView;
  readonly people: readonly CallPerson[];
  /** What was said last, oldest first, where the backend writes it down. */
  readonly captions: readonly Caption[];
}

export interface CallEvents {
  change: CallSnapshot;
}

export interface CallOptions {
  /** Whether one comes in with it on; both are by default. */
  readonly microphone?: boolean;
  readonly camera?: boolean;
  /** Which ones, by the browser's id. */
  readonly microphoneId?: string | null;
  readonly cameraId?: string | null;
  readonly blur?: boolean;
  readonly voiceOnly?: boolean;
}

/** A call in a visit. It goes on, over whatever serves it, until `leave()` or the end of the visit. */
export interface Call {
  readonly snapshot: CallSnapshot;
  on<K extends keyof CallEvents>(name: K, listener: (value: CallEvents[K]) => void): () => void;
  /** Resolves once it is done, or cannot be: then the device's `fault` says why. */
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  /** Another microphone or camera, also while speaking. */
  choose(kind: "microphone" | "camera", device: string | null): Promise<void>;
  /** Blurs what is behind me, where `me.blur` is not null. */
  setBlur(on: boolean): Promise<void>;
  /** Only voices go and come from now on. What is asked of the camera ends it. */
  setVoiceOnly(on: boolean): Promise<void>;
  shareScreen(on: boolean): Promise<void>;
  /** For clinicians: switches somebody's microphone off. Nobody can switch on another's. */
  mute(person: string): Promise<CommandReply>;
  leave(): Promise<void>;
}

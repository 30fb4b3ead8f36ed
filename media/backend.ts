import type { BackendName } from "../core/domain/call/state.ts";
import type { RoomRef } from "../core/domain/room.ts";
import type { BackendJoin } from "../core/protocol/call.ts";
import type { Recorder } from "./recorder.ts";

/** A session, as the room that it belongs to names it. */
export interface MediaSession {
  readonly org: string;
  readonly ref: RoomRef;
  readonly n: number;
  /** What the backend said when it opened it; null: nothing, or it has not. */
  readonly place: string | null;
}

/** A session that its people have lost, or that is to go on elsewhere. */
export interface LostSession {
  readonly session: Pick<MediaSession, "org" | "ref" | "n">;
  /** `drain`: it still runs, and is to be opened anew on the same backend, which is about to end there. */
  readonly reason: string;
}

/** Somebody who is about to take part. */
export interface Joining {
  readonly person: string;
  readonly polite: boolean;
  /** They hear and see, and give nothing. */
  readonly listens?: boolean;
}

/**
 * One way to carry calls. Everything may be asked again, also by another process after a crash, and then does
 * nothing more. What it throws counts against its health, but for DomainErrors: those are its answer. A session
 * that nobody uses any more it ends by itself in time, as `close` may be lost with a process.
 */
export interface MediaBackend {
  readonly name: BackendName;
  /** Resolves with where the session is kept, for those who come later; null: nothing need be known of it. */
  open(session: MediaSession): Promise<string | null>;
  /** What this person's browser needs to take part. It holds secrets: it goes to them alone. */
  join(session: MediaSession, who: Joining): Promise<BackendJoin>;
  /** What a browser says to the backend itself, and the answer. */
  signal(session: MediaSession, person: string, data: unknown): Promise<unknown>;
  leave(session: MediaSession, person: string): Promise<void>;
  close(session: MediaSession): Promise<void>;
  /** Left out: the server does not see what people give; a browser has to record it. */
  readonly recorder?: Recorder;
  /** What is wrong, in words for operators; null: nothing. */
  health(): Promise<string | null>;
  /** Left out, or true: it can open something at this moment. */
  ready?(): boolean;
  /** Tells of sessions by itself. */
  watch?(lost: (session: LostSession) => void): void;
  /** Gives back what it holds in this process. */
  dispose?(): void;
}

import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TimeoutStrategy,
  timeout,
  wrap,
} from "cockatiel";
import { z } from "zod";
import type { BackendName } from "../core/domain/call/state.ts";
import { DomainError } from "../core/domain/errors.ts";
import type { Errand } from "../core/domain/feature.ts";
import type { RoomRef } from "../core/domain/room.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { BackendJoin } from "../core/protocol/call.ts";
import type { Joining, LostSession, MediaBackend, MediaSession } from "./backend.ts";
import type { Recorder, Segment } from "./recorder.ts";

/** The backends of this process, as its rooms use them. Everything throws DomainError alone. */
export interface MediaService {
  /** The backends as they are to be tried now: in the configured order, those that are failing last. Those that are off are left out. */
  order(): readonly BackendName[];
  /** Those that record by themselves, without a browser. */
  recordable(): readonly BackendName[];
  /** Does a room's errand: resolves with the answer, where there is one. */
  run(from: { readonly org: string; readonly ref: RoomRef }, errand: MediaErrand): Promise<string | null>;
  join(backend: BackendName, session: MediaSession, who: Joining): Promise<BackendJoin>;
  signal(backend: BackendName, session: MediaSession, person: string, data: unknown): Promise<unknown>;
  /** As `Recorder.renew`. */
  renew(
    backend: BackendName,
    session: MediaSession,
    segment: Segment,
    epoch: number,
  ): Promise<"running" | "stopped">;
  /** Never throws: whoever is gone has left. */
  leave(backend: BackendName, session: MediaSession, person: string): Promise<void>;
  /** Is told of sessions that a backend has lost, or wants to be rid of. */
  watch(lost: (session: LostSession) => void): void;
  /** What is wrong with each backend; null: nothing. */
  health(): Promise<ReadonlyMap<BackendName, string | null>>;
}

export type MediaErrand = Pick<Errand, "name" | "payload"> & { readonly to: { readonly id: BackendName } };

export interface Patience {
  /** A backend that has not answered by then has failed (ms). */
  readonly answerMs: number;
  /** So many failures in a row, and it is not asked any more */
  readonly failures: number;
  /** for so long (ms). */
  readonly restMs: number;
}

const usual: Patience = { answerMs: 5_000, failures: 3, restMs: 15_000 };
const placeLimit = 1_024;
const payload = z.object({ n: z.int(), place: z.string().nullable().default(null) });
const segmentPayload = z.object({ recording: z.string(), segment: z.int() });

/** `backends` in the order in which they are to be tried. */
export function createMediaService(
  backends: readonly MediaBackend[],
  log: Logger,
  patience: Patience = usual,
): MediaService {
  const guarded = new Map(backends.map((backend) => [backend.name, guard(backend, log, patience)]));

  /** Throws DomainErrors as they come, and `media_unavailable` for everything else. */
  const ask = async <T>(name: BackendName, what: (backend: MediaBackend) => Promise<T>): Promise<T> => {
    const known = guarded.get(name);
    if (!known) throw new DomainError("media_unavailable");
    try {
      return await known.policy.execute(() => what(known.backend));
    } catch (cause) {
      if (cause instanceof DomainError) throw cause;
      throw new DomainError("media_unavailable", undefined, { cause });
    }
  };

  const open = async (name: BackendName, session: MediaSession): Promise<string | null> => {
    const place = await ask(name, (backend) => backend.open(session));
    if (place !== null && place.length > placeLimit) throw new DomainError("media_unavailable");
    return place;
  };

  const askRecorder = <T>(name: BackendName, what: (recorder: Recorder) => Promise<T>): Promise<T> =>
    ask(name, async ({ recorder }) => {
      if (!recorder) throw new DomainError("recording_unavailable");
      return what(recorder);
    });

  return {
    recordable: () => backends.flatMap(({ name, recorder }) => (recorder ? [name] : [])),
    order: () => {
      const names = backends.filter(({ ready }) => ready?.() ?? true).map(({ name }) => name);
      const failing = names.filter((name) => guarded.get(name)?.isFailing());
      return [...names.filter((name) => !failing.includes(name)), ...failing];
    },
    run: async ({ org, ref }, { to, name, payload: input }) => {
      const session = { org, ref, ...payload.parse(input) };
      if (name === "open") return open(to.id, session);
      if (name === "record" || name === "halt") {
        const segment = segmentPayload.parse(input);
        await askRecorder(to.id, (recorder) =>
          name === "record" ? recorder.start(session, segment) : recorder.stop(session, segment),
        );
        return null;
      }
      await ask(to.id, (backend) => backend.close(session));
      return null;
    },
    renew: (name, session, segment, epoch) =>
      askRecorder(name, (recorder) => recorder.renew(session, segment, epoch)),
    join: (name, session, who) => ask(name, (backend) => backend.join(session, who)),
    signal: (name, session, person, data) => ask(name, (backend) => backend.signal(session, person, data)),
    leave: (name, session, person) => ask(name, (backend) => backend.leave(session, person)).catch(() => {}),
    watch: (lost) => {
      for (const backend of backends) backend.watch?.(lost);
    },
    health: async () => {
      const asked = backends.map(async ({ name }) => {
        const fault = await ask(name, (backend) => backend.health()).catch(() => "it does not answer");
        return [name, fault] as const;
      });
      return new Map(await Promise.all(asked));
    },
  };
}

/** A backend behind its circuit breaker and its time-out. */
function guard(backend: MediaBackend, log: Logger, { answerMs, failures, restMs }: Patience) {
  const breaker = circuitBreaker(
    handleWhen((error) => !(error instanceof DomainError)),
    { breaker: new ConsecutiveBreaker(failures), halfOpenAfter: restMs },
  );
  breaker.onBreak(() => log.warn({ backend: backend.name }, "a media backend fails and is left alone"));
  breaker.onReset(() => log.info({ backend: backend.name }, "a media backend works again"));
  return {
    backend,
    policy: wrap(breaker, timeout(answerMs, TimeoutStrategy.Aggressive)),
    isFailing: () => breaker.state === CircuitState.Open,
  };
}

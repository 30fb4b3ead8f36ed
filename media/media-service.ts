import { z } from "zod";
import type { BackendName } from "../core/domain/call/state.ts";
import { DomainError } from "../core/domain/errors.ts";
import type { Errand } from "../core/domain/feature.ts";
import type { RoomRef } from "../core/domain/room.ts";
import type { Logger } from "../core/platform/logger.ts";
import { createGuards, type Guards } from "../core/platform/resilience/guards.ts";
import type { BackendJoin } from "../core/protocol/call.ts";
import type { Joining, LostSession, MediaBackend, MediaSession } from "./backend.ts";
import type { Recorder, Segment } from "./recorder.ts";

/** The backends of this process, as its rooms use them. Everything throws DomainError alone. */
export interface MediaService {
  /** What this installation has, in the configured order. */
  readonly backends: readonly BackendName[];
  /**
   * The backends as an organisation's calls try them now: in its order, else in ours, those that are failing last. Those that are off
   * are left out.
   */
  order(org: string): Promise<readonly BackendName[]>;
  /** Whether each backend is left alone for now, as it failed again and again. */
  failing(): ReadonlyMap<BackendName, boolean>;
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

/** What a service may be given beside its backends. */
export interface MediaServiceParts {
  /** The order that an organisation has chosen; null: none of its own. Backends that it does not name are not for it. */
  readonly orders?: (org: string) => Promise<readonly BackendName[] | null>;
  /** Told how long a backend took to let somebody in (ms). */
  readonly joined?: (backend: BackendName, afterMs: number) => void;
  /** The ways to the backends, for those who watch them. */
  readonly guards?: Guards;
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
  {
    orders = async () => null,
    joined = () => {},
    guards = createGuards({ now: Date.now, log }),
  }: MediaServiceParts = {},
): MediaService {
  const names = backends.map(({ name }) => name);
  const guarded = new Map(backends.map((backend) => [backend.name, guard(backend, guards, patience)]));

  /** Throws DomainErrors as they come, and `media_unavailable` for everything else. `tells`: of how the backend is. */
  const ask = async <T>(
    name: BackendName,
    what: (backend: MediaBackend) => Promise<T>,
    { tells = true } = {},
  ): Promise<T> => {
    const known = guarded.get(name);
    if (!known) throw new DomainError("media_unavailable");
    return known.way.run(() => what(known.backend), { tells });
  };

  const open = async (name: BackendName, session: MediaSession): Promise<string | null> => {
    const place = await ask(name, (backend) => backend.open(session));
    if (place !== null && place.length > placeLimit) throw new DomainError("media_unavailable");
    return place;
  };

  /** What goes wrong with recording says nothing of the calls that the backend carries. */
  const askRecorder = <T>(name: BackendName, what: (recorder: Recorder) => Promise<T>): Promise<T> => {
    const record = async ({ recorder }: MediaBackend) => {
      if (!recorder) throw new DomainError("recording_unavailable");
      return what(recorder);
    };
    return ask(name, record, { tells: false });
  };

  const isFailing = (name: BackendName): boolean => guarded.get(name)?.way.isOpen() === true;
  const isReady = (name: BackendName): boolean => guarded.get(name)?.backend.ready?.() ?? true;

  return {
    backends: names,
    recordable: () => backends.flatMap(({ name, recorder }) => (recorder ? [name] : [])),
    order: async (org) => {
      const chosen = ((await orders(org)) ?? names).filter((name) => guarded.has(name) && isReady(name));
      return [...chosen.filter((name) => !isFailing(name)), ...chosen.filter(isFailing)];
    },
    failing: () => new Map(names.map((name) => [name, isFailing(name)])),
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
      // To end what was never opened is no work: it would pass for a sign that the backend is well.
      await ask(to.id, (backend) => backend.close(session), { tells: session.place !== null });
      return null;
    },
    renew: (name, session, segment, epoch) =>
      askRecorder(name, (recorder) => recorder.renew(session, segment, epoch)),
    join: async (name, session, who) => {
      const since = performance.now();
      const join = await ask(name, (backend) => backend.join(session, who));
      joined(name, performance.now() - since);
      return join;
    },
    signal: (name, session, person, data) => ask(name, (backend) => backend.signal(session, person, data)),
    leave: (name, session, person) => ask(name, (backend) => backend.leave(session, person)).catch(() => {}),
    watch: (lost) => {
      for (const backend of backends) backend.watch?.(lost);
    },
    health: async () => {
      const asked = backends.map(async ({ name }) => {
        const fault = ask(name, (backend) => backend.health(), { tells: false });
        return [name, await fault.catch(() => "it does not answer")] as const;
      });
      return new Map(await Promise.all(asked));
    },
  };
}

/** Throws where a backend says that something is wrong with it. */
async function faultless(backend: MediaBackend): Promise<void> {
  const fault = await backend.health();
  if (fault !== null) throw new Error(fault);
}

/** A backend behind its circuit breaker and its time-out. Calls turn to what fails last of all: it is found out without them that it works again. */
function guard(backend: MediaBackend, guards: Guards, { answerMs, failures, restMs }: Patience) {
  const way = guards.guard(backend.name, {
    limits: { withinMs: answerMs, breaker: { failures, restMs } },
    code: "media_unavailable",
    isFault: (error) => !(error instanceof DomainError),
    probe: () => faultless(backend),
  });
  return { backend, way };
}

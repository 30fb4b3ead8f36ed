import { createHash } from "node:crypto";
import { DomainError, toDomainError, toRejection } from "../../core/domain/errors.ts";
import type { Errand } from "../../core/domain/feature.ts";
import { type FinishPlan, type Made, manifestText } from "../../core/domain/recording/manifest.ts";
import {
  type RoomVault,
  recordingNames,
  type Vault,
  type VaultRoom,
} from "../../core/platform/objects/vault.ts";
import { finishPlan } from "./finish-plan.ts";
import { whole } from "./stored-tracks.ts";

/** What a room has done with a recording that has ended. Everything may be asked again, and throws DomainError alone. */
export interface RecordingService {
  /** Makes the files. Resolves with `Finished` as JSON; throws `busy` while that takes long: whoever asks again hears of it. */
  finish(from: VaultRoom, plan: FinishPlan): Promise<string>;
  /** Everything of the recording is gone once it resolves. */
  remove(from: VaultRoom, recording: string): Promise<void>;
}

/** `sha256`: of `manifestText(plan.facts, made)`. */
export interface Finished extends Made {
  readonly sha256: string;
}

/**
 * Makes the files of a recording from the tracks in the vault and puts them back there as parts. Throws only what may pass;
 * what is missing or unreadable for good is its `fault`.
 */
export type Assemble = (vault: RoomVault, plan: FinishPlan) => Promise<Made>;

/** Less than a room waits for the answer to an errand. */
const usualAnswerMs = 10_000;

/**
 * One recording is worked on at a time. Whoever asks for one that is under way, or waits for its turn, joins in. What was recorded goes
 * only when its files are there; so after a crash, or where two processes do the same, there is one result.
 */
export function createRecordingService(
  vault: Vault,
  assemble: Assemble,
  answerMs = usualAnswerMs,
): RecordingService {
  const underWay = new Map<string, Promise<string>>();
  let last: Promise<unknown> = Promise.resolve();

  const finish = async (room: RoomVault, plan: FinishPlan): Promise<string> => {
    const name = recordingNames.finished(plan.recording);
    // What was changed says nothing: it is made anew, of what there is.
    const kept = async () => {
      const found = await whole(room, name);
      return found === "spoilt" ? null : (found?.toString() ?? null);
    };
    const before = await kept();
    const finished = before ?? finishedOf(plan, await assemble(room, plan));
    // Another process may have been faster, and have removed what we were about to read.
    const first = before ?? (await kept());
    if (first === null) await room.put(name, Buffer.from(finished));
    for (const { segment } of plan.segments) {
      await room.remove(recordingNames.segment(plan.recording, segment));
    }
    return first ?? finished;
  };

  const inTurn = (from: VaultRoom, plan: FinishPlan): Promise<string> => {
    const key = JSON.stringify([from.org, from.ref.id, plan.recording]);
    const running = underWay.get(key);
    if (running) return running;
    const work = async () => finish(await vault.recordingsOf(from), plan);
    const started = last.then(work).finally(() => underWay.delete(key));
    last = started.catch(() => {});
    underWay.set(key, started);
    return started;
  };

  return {
    finish: (from, plan) => answeredIn(answerMs, inTurn(from, plan)),
    remove: async (from, recording) => {
      const room = await vault.recordingsOf(from);
      await room.remove(recordingNames.folder(recording));
    },
  };
}

function finishedOf({ facts }: FinishPlan, made: Made): string {
  const sha256 = createHash("sha256").update(manifestText(facts, made)).digest("hex");
  return JSON.stringify({ ...made, sha256 } satisfies Finished);
}

/** Throws `busy` when it takes longer, and what passes for everything that is no DomainError: the work can be done again. */
function answeredIn<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new DomainError("busy")), ms);
    const refuse = (error: unknown) => reject(toDomainError(toRejection(error), error));
    work.then(resolve, refuse).finally(() => clearTimeout(late));
  });
}

/** Does a room's errand. */
export async function runRecordings(
  service: RecordingService,
  from: VaultRoom,
  { to, name, payload }: Pick<Errand, "name" | "payload"> & { readonly to: { readonly id: string } },
): Promise<string | null> {
  if (name === "finish") return service.finish(from, finishPlan.parse(payload));
  await service.remove(from, to.id);
  return null;
}

import { createHash } from "node:crypto";
import type { Errand } from "../../core/domain/feature.ts";
import type { Finished } from "../../core/domain/recording/finished.ts";
import { type FinishPlan, type Made, manifestText } from "../../core/domain/recording/manifest.ts";
import {
  type RoomVault,
  recordingNames,
  type Vault,
  type VaultRoom,
} from "../../core/platform/objects/vault.ts";
import { finishPlan } from "./finish-plan.ts";

/** What a room has done with a recording that has ended. Everything may be asked again, and throws DomainError alone. */
export interface RecordingService {
  /** Makes the files. Resolves with `Finished` as JSON. */
  finish(from: VaultRoom, plan: FinishPlan): Promise<string>;
  /** Everything of the recording is gone once it resolves. */
  remove(from: VaultRoom, recording: string): Promise<void>;
}

/**
 * Makes the files of a recording from the tracks in the vault and puts them back there as parts. Throws only what may pass;
 * what is missing or unreadable for good is its `fault`.
 */
export type Assemble = (vault: RoomVault, plan: FinishPlan) => Promise<Made>;

/** Whoever asks while the files are being made gets the same answer, and so does whoever asks later. */
export function createRecordingService(vault: Vault, assemble: Assemble): RecordingService {
  const underWay = new Map<string, Promise<string>>();

  const finish = async (from: VaultRoom, plan: FinishPlan): Promise<string> => {
    const room = await vault.recordingsOf(from);
    const name = recordingNames.finished(plan.recording);
    const before = await room.get(name);
    if (before) return before.toString();
    const made = await assemble(room, plan);
    const sha256 = createHash("sha256").update(manifestText(plan.facts, made)).digest("hex");
    const finished = JSON.stringify({ ...made, sha256 } satisfies Finished);
    await room.put(name, Buffer.from(finished));
    return finished;
  };

  return {
    finish: (from, plan) => {
      const key = `${from.ref.id} ${plan.recording}`;
      const running = underWay.get(key);
      if (running) return running;
      const started = finish(from, plan).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
    remove: async (from, recording) => {
      const room = await vault.recordingsOf(from);
      await room.remove(recordingNames.folder(recording));
    },
  };
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

import { DomainError } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { awayRetryMs } from "../../core/platform/database/away.ts";
import type { CommandEntry, JournalStore } from "../../core/platform/journal/journal-store.ts";
import type { CommandReply } from "../../core/protocol/events.ts";
import { keyOf } from "./recent-commands.ts";

/** A command and whoever waits for it. */
export interface Asking {
  readonly by: Principal;
  readonly command: Command;
  /** null: not recognised when it comes again. */
  readonly mac: Buffer | null;
  readonly resolve: (reply: CommandReply) => void;
  /** A DomainError, or what went wrong with us. */
  readonly reject: (error: unknown) => void;
  /** When it came (ms, monotonic). */
  readonly since: number;
}

/** A command as the journal has it. */
export type RecordedCommand = CommandEntry & { readonly at: number };

/**
 * Tells those who have waited too long that they did, and returns the others. Whoever was told is no
 * longer waiting: a repeat takes their place, and two of one command must never be decided.
 */
export function dismissLate(open: readonly Asking[], patienceMs: number, cause?: unknown): Asking[] {
  const now = performance.now();
  return open.filter(({ since, reject }) => {
    const late = now - since > patienceMs;
    if (late) reject(new DomainError("unavailable", undefined, { retryAfterMs: awayRetryMs, cause }));
    return !late;
  });
}

/** Answers those whose command is recorded, with its first result, and returns the others. */
export function resolveRecorded(open: readonly Asking[], recorded: readonly RecordedCommand[]): Asking[] {
  const results = new Map(recorded.map((entry) => [keyOf(entry.principal, entry.id), entry]));
  return open.filter(({ by, command, mac, resolve, reject }) => {
    const result = command.id === null ? undefined : results.get(keyOf(by.id, command.id));
    if (!result || !mac) return true;
    if (mac.equals(result.mac)) resolve({ seq: result.lastSeq, at: result.at });
    else reject(new DomainError("command_conflict"));
    return false;
  });
}

/**
 * A command that is refused or changes nothing may be a repeat that only looks so because of what it did
 * the first time (a deletion, say): then its first result is the answer.
 */
export async function answerUnlessRepeated(
  asking: Asking,
  journal: Pick<JournalStore, "findCommands">,
  ref: RoomRef,
  otherwise: () => void,
): Promise<void> {
  const { by, command, mac, reject } = asking;
  try {
    if (command.id !== null && mac) {
      const recorded = await journal.findCommands(ref, [{ principal: by.id, id: command.id }]);
      if (resolveRecorded([asking], recorded).length === 0) return;
    }
    otherwise();
  } catch (cause) {
    reject(new DomainError("unavailable", undefined, { retryAfterMs: awayRetryMs, cause }));
  }
}

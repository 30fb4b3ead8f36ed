import { createHash } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import { isImage } from "../../domain/file/file.ts";
import type { StoredVariants } from "../database/file-tables.ts";
import type { Logger } from "../logger.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { putParts, readWhole } from "../objects/parts.ts";
import { type FileVault, fileRoot, type RoomVault } from "../objects/vault.ts";
import type { Audit } from "../repositories/audit.ts";
import type { FileOutcome, FileQueue, FileTask } from "../repositories/file-queue.ts";
import type { Scanner } from "./clamd.ts";
import { examine, type Verdict } from "./examine.ts";
import { incomingFolder, incomingName, originalFolder, variantFolder } from "./file-service.ts";

export interface FileWorkerParts {
  readonly queue: FileQueue;
  readonly vault: FileVault;
  readonly objects: ObjectStore;
  /** null: nothing looks for viruses. */
  readonly scanner: Scanner | null;
  readonly audit: Pick<Audit, "record">;
  readonly now: () => number;
  readonly log: Logger;
  /** How often it looks by itself (ms). */
  readonly everyMs?: number;
  /** Another worker takes a file up when so long nothing was heard of the one that has it. */
  readonly leaseSeconds?: number;
}

export interface FileWorker {
  /** There is something to check: it looks at once. */
  wake(): void;
  /** Removes what nobody needs any more; by itself it does every minute. */
  sweep(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const usualMs = 2_000;
const sweepMs = 60_000;
const atOnce = 2;
const usualLeaseSeconds = 180;
/** A content whose worker died with it so often is refused: it may be what kills. */
const mostLost = 3;
const looseSeconds = 86_400;
/** Deletions are looked for as far back, and from the beginning once after a start. */
const deletedWithinMs = 3_600_000;
const removedAtOnce = 100;

/** Checks what has come, a few at a time, for all processes together, and removes what is gone. */
export function startFileWorker(parts: FileWorkerParts): FileWorker {
  const { queue, objects, now, log, everyMs = usualMs, leaseSeconds = usualLeaseSeconds } = parts;
  let stopped = false;
  let working: Promise<void> | null = null;
  let again = false;
  let sweptAt = performance.now();
  let swept = 0;

  const work = async (): Promise<void> => {
    do {
      again = false;
      try {
        for (let found = atOnce; found === atOnce && !stopped; ) {
          const tasks = await queue.take(atOnce, leaseSeconds);
          found = tasks.length;
          await Promise.all(tasks.map((task) => handle(task, parts)));
        }
        if (performance.now() - sweptAt >= sweepMs) await sweep();
      } catch (err) {
        log.warn({ err }, "files could not be checked");
      }
    } while (again && !stopped);
  };

  const sweep = async (): Promise<void> => {
    sweptAt = performance.now();
    await queue.settle({ looseSeconds, since: swept === 0 ? 0 : now() - deletedWithinMs });
    swept += 1;
    const leftovers = await queue.leftovers();
    for (const { file, version } of leftovers) await objects.remove(incomingFolder(file, version));
    await queue.cleared(leftovers);
    for (const { id, incoming, ...room } of await queue.removed(removedAtOnce)) {
      // By its place alone: the room's key may be gone.
      await objects.remove(`${fileRoot(room)}${id}/`);
      for (const version of incoming) await objects.remove(incomingFolder(id, version));
      await queue.forget(id);
    }
  };

  const look = (): void => {
    if (stopped) return;
    if (working) {
      again = true;
      return;
    }
    working = work().finally(() => {
      working = null;
    });
  };

  const timer = setInterval(look, everyMs);
  timer.unref();
  look();
  return {
    wake: look,
    sweep,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await working;
    },
  };
}

async function handle(task: FileTask, parts: FileWorkerParts): Promise<void> {
  const { queue, log } = parts;
  try {
    if (task.lost >= mostLost) return await settle(task, { ok: false, reason: "unreadable" }, null, parts);
    const room = await parts.vault.filesOf(task);
    const content = await contentOf(task, room, parts);
    const verdict: Verdict = content
      ? await examine(content, task, parts.scanner)
      : { ok: false, reason: "damaged" };
    await settle(task, verdict, content, parts);
  } catch (err) {
    const seconds = backoff(task.tries);
    // That the scanner or the store is away is no fault of the file: it waits, and the conversation goes on.
    log.warn(
      { err: err instanceof DomainError ? err.cause : err, seconds },
      "a file could not be checked yet",
    );
    await queue.postpone(task, seconds).catch(() => undefined);
  }
}

/** 1 s, 2 s, 4 s, … up to a minute, each between half and all of it. */
function backoff(tries: number): number {
  return Math.min(60, 2 ** Math.min(tries - 1, 6)) * (0.5 + Math.random() / 2);
}

/** What came, in the room's vault from now on. null: nothing is there. */
async function contentOf(
  task: FileTask,
  room: RoomVault,
  { objects }: FileWorkerParts,
): Promise<Buffer | null> {
  const { file, version, incoming, bytes } = task;
  const folder = originalFolder(file, version);
  if (!incoming) return readWhole(room, folder, bytes);
  const landed = await objects.get(incomingName(file, version));
  if (landed) {
    await putParts(room, folder, landed.subarray(0, bytes + 1));
    await objects.remove(incomingFolder(file, version));
    return landed;
  }
  // Whoever worked on it before had come so far.
  return (await room.list(folder)).length > 0 ? readWhole(room, folder, bytes) : null;
}

async function settle(
  task: FileTask,
  verdict: Verdict,
  content: Buffer | null,
  parts: FileWorkerParts,
): Promise<void> {
  const { objects, queue } = parts;
  const { file, version } = task;
  const outcome = verdict.ok && content ? await keep(task, verdict, content, parts) : rejected(verdict);
  const done = await queue.finish(task, outcome);
  if (!done) return;
  if (outcome.state === "rejected") {
    await objects.remove(`${fileRoot(task)}${file}/${version}/`);
    await objects.remove(incomingFolder(file, version));
    await report(task, outcome.reason, parts);
  } else if (isImage(task.type)) await objects.remove(`${fileRoot(task)}${originalFolder(file, version)}`);
}

function rejected(verdict: Verdict): FileOutcome {
  return { state: "rejected", reason: verdict.ok ? "damaged" : verdict.reason };
}

async function keep(
  task: FileTask,
  { scanned, variants: made }: Extract<Verdict, { ok: true }>,
  content: Buffer,
  { vault }: FileWorkerParts,
): Promise<FileOutcome> {
  const { file, version, type, bytes } = task;
  const room = await vault.filesOf(task);
  let variants: StoredVariants = {
    download: { folder: originalFolder(file, version), type, bytes, sha256: hexOf(content) },
  };
  for (const { variant, type: becomes, content: drawn } of made) {
    const folder = variantFolder(file, version, variant);
    await putParts(room, folder, drawn);
    const stored = { folder, type: becomes, bytes: drawn.length, sha256: hexOf(drawn) };
    variants = { ...variants, [variant]: stored };
  }
  return { state: "clean", scanned, variants };
}

function hexOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function report(task: FileTask, reason: string, { audit, now }: FileWorkerParts): Promise<void> {
  const { org, ref: room, file, version, owner } = task;
  const detail = { file, version, reason, owner };
  await audit.record({ org, at: now(), actor: "system", action: "files.rejected", room, detail });
}

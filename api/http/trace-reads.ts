import type { Purpose } from "../../core/domain/audit/purpose.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Context } from "../endpoint.ts";
import { purposeBy } from "./purpose.ts";

/** That an operation shows data of people, as the audit has it. Whatever it records has a purpose. */
export interface DeclaredReads {
  readonly action: string;
  /** What the operation is for, whoever asks; else what the reader's role is there for. */
  readonly purpose?: Purpose;
}

/** Whose data an operation's reply shows: each of them gets an entry in the audit before the reply is sent. */
export interface Reads<Who, Input, R> extends DeclaredReads {
  /** Ids of people; null, and whoever comes twice, are left out. Nobody: no entry. */
  subjects(
    reply: R,
    input: Input,
    context: Context<Who>,
  ): readonly (string | null)[] | Promise<readonly (string | null)[]>;
  room?(input: Input): RoomRef;
}

/** The operation itself says what it shows, with `trace`: for what is not known by its reply alone. */
export interface ReadsItself extends DeclaredReads {
  readonly itself: true;
}

export interface Reading<Who, Input, R> {
  /** Of operations that show data of people. */
  readonly reads?: Reads<Who, Input, R> | ReadsItself;
}

/** What one entry is about. */
export interface Shown {
  readonly room?: RoomRef | undefined;
  readonly subject?: string | undefined;
  /** What was said of it before; else what the operation is for, or the reader. */
  readonly purpose?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/**
 * Records what is shown, in one statement, for an operation that declares `reads`; `by` where nobody has signed in. Throws `unavailable`
 * where it cannot be written: then nothing is shown. Only what somebody reads of themselves goes on without.
 */
export type Trace = (shown: readonly Shown[], by?: Pick<Principal, "org" | "id">) => Promise<void>;

interface Operation<Who, Input, R> extends Reading<Who, Input, R> {
  readonly id: string;
  handle(input: Input, context: Context<Who>): Promise<R>;
}

/** The operation, answered only after its reads are recorded. */
export function traced<Who extends Principal | null, Input, R, O extends Operation<Who, Input, R>>(
  operation: O & Operation<Who, Input, R>,
): O {
  const { id, reads } = operation;
  if (!reads) return operation;
  return {
    ...operation,
    handle: async (input: Input, context: Context<Who>) => {
      const { breakGlass } = context;
      let emergency = false;
      let told = false;
      // It is asked only where nothing else lets them read.
      const holding: typeof breakGlass.holding = async (org, person, room) => {
        const glass = await breakGlass.holding(org, person, room);
        emergency ||= glass !== null;
        return glass;
      };
      const trace: Trace = (shown, by) => {
        told = true;
        return traceReads({ operation: id, reads, emergency }, shown, by, context);
      };
      const watched = { ...context, trace, breakGlass: { ...breakGlass, holding } };
      const reply = await operation.handle(input, watched);
      if ("subjects" in reads) await trace(await shownBy(reads, reply, input, context));
      else if (!told) throw new DomainError("internal");
      return reply;
    },
  };
}

async function shownBy<Who, Input, R>(
  { subjects, room }: Reads<Who, Input, R>,
  reply: R,
  input: Input,
  context: Context<Who>,
): Promise<Shown[]> {
  const found = new Set(await subjects(reply, input, context));
  return [...found].filter((one) => one !== null).map((subject) => ({ subject, room: room?.(input) }));
}

interface Traced {
  readonly operation: string;
  readonly reads: DeclaredReads;
  readonly emergency: boolean;
}

async function traceReads(
  { operation, reads, emergency }: Traced,
  shown: readonly Shown[],
  by: Pick<Principal, "org" | "id"> | undefined,
  context: Context<Principal | null>,
): Promise<void> {
  const { principal, audit, logger } = context;
  const reader = by ?? principal;
  if (reader === null) throw new DomainError("internal");
  const { org, id: actor } = reader;
  const { action } = reads;
  const why = emergency ? "emergency" : (reads.purpose ?? purposeBy(principal, context));
  const entries = shown.map(({ subject, room, purpose = why, detail }) => {
    const said = subject === actor ? "own" : purpose;
    return { org, actor, action, room, subject, detail: { ...detail, purpose: said, operation } };
  });
  try {
    await audit.recordAll(entries);
  } catch (cause) {
    if (entries.some(({ subject }) => subject !== actor))
      throw new DomainError("unavailable", undefined, { cause });
    logger.warn({ err: cause }, "a read of one's own data was not recorded");
  }
}

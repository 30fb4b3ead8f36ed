import { DomainError } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Context } from "../endpoint.ts";
import { purposeFor } from "./purpose.ts";

/** Whose data an operation's reply shows: each of them gets an entry in the audit before the reply is sent. */
export interface Reads<Input, R> {
  /** As the audit has it. */
  readonly action: string;
  /** Ids of people; null, and whoever comes twice, are left out. Nobody: no entry. */
  subjects(
    reply: R,
    input: Input,
    context: Context<Principal>,
  ): readonly (string | null)[] | Promise<readonly (string | null)[]>;
  room?(input: Input): RoomRef;
}

export interface Reading<Input, R> {
  /** Of operations that show data of people. */
  readonly reads?: Reads<Input, R>;
}

interface Operation<Input, R> extends Reading<Input, R> {
  readonly id: string;
  handle(input: Input, context: Context<Principal>): Promise<R>;
}

/** The operation, answered only after its reads are recorded. */
export function traced<Input, R, O extends Operation<Input, R>>(operation: O & Operation<Input, R>): O {
  const { reads } = operation;
  if (!reads) return operation;
  return {
    ...operation,
    handle: async (input: Input, context: Context<Principal>) => {
      const { breakGlass } = context;
      let emergency = false;
      // It is asked only where nothing else lets them read.
      const holding: typeof breakGlass.holding = async (org, person, room) => {
        const glass = await breakGlass.holding(org, person, room);
        emergency ||= glass !== null;
        return glass;
      };
      const reply = await operation.handle(input, { ...context, breakGlass: { ...breakGlass, holding } });
      const why = emergency ? "emergency" : null;
      await traceRead({ operation: operation.id, reads, why }, reply, input, context);
      return reply;
    },
  };
}

/**
 * Records who saw whose data, and why, in one statement. Throws `unavailable` where it cannot be written: then nothing is shown. Only
 * what somebody reads of themselves goes on without.
 */
async function traceRead<Input, R>(
  {
    operation,
    reads,
    why,
  }: { readonly operation: string; readonly reads: Reads<Input, R>; readonly why: string | null },
  reply: R,
  input: Input,
  context: Context<Principal>,
): Promise<void> {
  const { principal, audit, logger } = context;
  const found = await reads.subjects(reply, input, context);
  const subjects = [...new Set(found)].filter((subject) => subject !== null);
  const room = reads.room?.(input);
  const { org, id: actor } = principal;
  const { action } = reads;
  const entries = subjects.map((subject) => {
    const purpose = subject !== actor && why !== null ? why : purposeFor(context, subject);
    return { org, actor, action, room, subject, detail: { purpose, operation } };
  });
  try {
    await audit.recordAll(entries);
  } catch (cause) {
    if (subjects.some((subject) => subject !== actor))
      throw new DomainError("unavailable", undefined, { cause });
    logger.warn({ err: cause }, "a read of one's own data was not recorded");
  }
}

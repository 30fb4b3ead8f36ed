import { z } from "zod";
import {
  type Anchor,
  type ChainedEntry,
  type Checkpoint,
  genesis,
  type KeptCheckpoint,
  type Seal,
} from "../../domain/audit/chain.ts";
import { createChainVerifier, type Finding, type Verdict } from "../../domain/audit/verifier.ts";
import type { AuditChain } from "./audit-chain.ts";
import { type PublicJwk, verifyWith } from "./audit-keys.ts";
import { sha256 } from "./sealer.ts";

/**
 * An organisation's audit as lines of JSON, which `verifyExport` checks without a database: first one that says what it is, with the
 * hash before the first entry; where what is before went by retention, that; then the sealed entries in order, each with its seal; last the checkpoints
 * that stand in between, and the keys that signed them.
 */
export async function* exportAudit(
  parts: {
    readonly chain: AuditChain;
    readonly keys: () => Promise<readonly PublicJwk[]>;
    readonly kept: (org: string) => AsyncIterable<KeptCheckpoint>;
    readonly now: () => number;
  },
  org: string,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Uint8Array> {
  const { chain } = parts;
  const anchor = (await chain.anchors(org)).at(-1) ?? null;
  const first = anchor ?? { n: 0, hash: genesis };
  const place = {
    after: Math.max(first.n, await chain.placeBefore(org, from)),
    until: Math.max(first.n, await chain.placeBefore(org, to)),
  };
  const [before] = place.after > first.n ? await chain.links(org, place.after - 1, 1) : [];
  yield line({
    hugmedo: "audit",
    v: 1,
    org,
    from,
    to,
    at: parts.now(),
    after: place.after,
    previous: before?.seal.hash ?? first.hash,
  });
  if (anchor && place.after === anchor.n) yield line({ anchor });
  for (let last = place.after; last < place.until; ) {
    const found = await chain.links(org, last, Math.min(page, place.until - last));
    if (found.length === 0) break;
    yield Buffer.concat(found.map(({ seal, entry }) => line({ seal, entry })));
    last = found.at(-1)?.seal.n ?? place.until;
  }
  const outside = new Set<string>();
  const isWithin = ({ n }: Checkpoint): boolean => n > place.after && n <= place.until;
  // Their links are in the seals above; all together they may be more than fits into memory.
  for await (const { links: _, ...checkpoint } of parts.kept(org)) {
    if (!isWithin(checkpoint) || outside.has(nameOf(checkpoint))) continue;
    outside.add(nameOf(checkpoint));
    yield line({ checkpoint });
  }
  for (const checkpoint of await chain.checkpoints(org))
    if (isWithin(checkpoint) && !outside.has(nameOf(checkpoint))) yield line({ checkpoint });
  yield line({ keys: await parts.keys() });
}

const page = 500;

/** What is wrong in the database alone is another one, and stands beside. */
function nameOf({ n, signature }: Checkpoint): string {
  return `${n} ${signature}`;
}

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

const count = z.int().min(0);
const seal = z.object({ n: count, entry: count, hash: z.string() });
const text = z.string().nullable();
const lines = z.union([
  z.object({
    hugmedo: z.literal("audit"),
    org: z.string(),
    after: count,
    previous: z.string(),
    at: z.number(),
  }),
  z.object({
    seal,
    entry: z
      .object({
        id: count,
        tx: z.string().regex(/^\d{1,20}$/),
        org: z.string(),
        at: z.number(),
        actor: z.string(),
        action: z.string(),
        kind: text,
        room: text,
        subject: text,
        detail: z.unknown(),
      })
      .nullable(),
  }),
  z.object({
    checkpoint: z.object({
      org: z.string(),
      n: count,
      hash: z.string(),
      at: z.number(),
      previous: count,
      segment: z.string(),
      kid: z.string(),
      signature: z.string(),
    }),
  }),
  z.object({
    anchor: z.object({
      org: z.string(),
      n: count,
      hash: z.string(),
      at: z.number(),
      before: z.number(),
      kid: z.string(),
      signature: z.string(),
    }),
  }),
  z.object({ keys: z.array(z.record(z.string(), z.string())) }),
]);

export interface ExportVerdict extends Verdict {
  readonly org: string;
  readonly checkpoints: number;
  /** Where the chain begins since what was before went by retention; null: it is not about that. */
  readonly anchor: Anchor | null;
}

interface Exported {
  readonly head: {
    readonly org: string;
    readonly after: number;
    readonly previous: string;
    readonly at: number;
  } | null;
  readonly links: { readonly seal: Seal; readonly entry: ChainedEntry | null }[];
  readonly checkpoints: Checkpoint[];
  readonly anchor: Anchor | null;
  keys: readonly PublicJwk[];
}

/**
 * Checks an export. `trusted`: public keys that were had by another way; else those in the file, which whoever made it chose. Throws where
 * it is none.
 */
export function verifyExport(content: string, trusted?: readonly PublicJwk[]): ExportVerdict {
  const { head, links, checkpoints, anchor, keys } = parse(content);
  if (!head) throw new Error("This file is not an export of the audit.");
  const known = trusted ?? keys;
  const signed = checkpoints.filter((one) => verifyWith(known, one));
  const forged = checkpoints
    .filter((one) => !signed.includes(one))
    .map(({ n, at }): Finding => ({ kind: "checkpoint_forged", n, entry: null, at }));
  const after = { n: head.after, hash: head.previous };
  const verifier = createChainVerifier({ digest: sha256, after, checkpoints: signed, now: head.at });
  for (const one of links) verifier.link(one.seal, one.entry);
  const verdict = verifier.finish();
  const fits = !anchor || (anchor.org === head.org && anchor.n === after.n && anchor.hash === after.hash);
  const isSigned = anchor !== null && fits && verifyWith(known, anchor);
  const claimed: Finding[] =
    anchor && !isSigned ? [{ kind: "anchor_forged", n: anchor.n, entry: null, at: anchor.at }] : [];
  const findings = [...claimed, ...forged, ...verdict.findings];
  return {
    ...{ org: head.org, ...verdict, findings, checkpoints: checkpoints.length },
    anchor: isSigned ? anchor : null,
  };
}

function parse(content: string): Exported {
  let head: Exported["head"] = null;
  let anchor: Exported["anchor"] = null;
  let keys: readonly PublicJwk[] = [];
  const links: Exported["links"] = [];
  const checkpoints: Checkpoint[] = [];
  content.split("\n").forEach((each, i) => {
    if (each.trim() === "") return;
    const parsed = lines.safeParse(jsonOf(each));
    if (!parsed.success) throw new Error(`Line ${i + 1} is not one of an export of the audit.`);
    if ("hugmedo" in parsed.data) head = parsed.data;
    else if ("seal" in parsed.data) links.push(parsed.data);
    else if ("anchor" in parsed.data) anchor = parsed.data.anchor;
    else if ("checkpoint" in parsed.data) checkpoints.push(parsed.data.checkpoint);
    else keys = parsed.data.keys;
  });
  return { head, links, checkpoints, anchor, keys };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { createHash } from "node:crypto";
import { type FileType, type FileVariant, isImage, type RejectReason } from "../../domain/file/file.ts";
import type { Scanner } from "./clamd.ts";
import { cleanImage, previewType } from "./images.ts";
import { isSame, sniff } from "./sniff.ts";

/** A file as it was announced. */
export interface Announced {
  readonly type: FileType;
  readonly bytes: number;
  readonly sha256: Uint8Array;
}

export interface Variant {
  readonly variant: FileVariant;
  readonly type: string;
  readonly content: Buffer;
}

/** `variants` none: it is served as it came. */
export type Verdict =
  | { readonly ok: true; readonly scanned: boolean; readonly variants: readonly Variant[] }
  | { readonly ok: false; readonly reason: RejectReason };

const refuse = (reason: RejectReason): Verdict => ({ ok: false, reason });

/**
 * Whether a file may be shown to others, and as what. The scanner sees it before anything else reads into it. Throws `unavailable` when the
 * scanner cannot be asked. `scanner` null: nothing looks for viruses.
 */
export async function examine(
  content: Buffer,
  announced: Announced,
  scanner: Scanner | null,
): Promise<Verdict> {
  const sha256 = createHash("sha256").update(content).digest();
  if (content.length !== announced.bytes || !sha256.equals(announced.sha256)) return refuse("damaged");
  const finding = (await scanner?.scan(content)) ?? "clean";
  if (finding !== "clean") return refuse(finding);
  const found = await sniff(content);
  if (found === "unsafe" || found === "type" || found === "unreadable") return refuse(found);
  if (!isSame(announced.type, found)) return refuse("mismatch");
  const scanned = scanner !== null;
  if (!isImage(found)) return { ok: true, scanned, variants: [] };
  const image = await cleanImage(found, content);
  if (!image) return refuse("unreadable");
  return {
    ok: true,
    scanned,
    variants: [
      { variant: "download", type: found, content: image.download },
      { variant: "preview", type: previewType, content: image.preview },
    ],
  };
}

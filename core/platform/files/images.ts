import sharp, { type Metadata, type Sharp } from "sharp";
import type { FileType } from "../../domain/file/file.ts";

/** A picture as it may be shown: drawn anew, the right way up, with nothing but its dots. */
export interface CleanImage {
  readonly download: Buffer;
  readonly preview: Buffer;
}

export const previewType = "image/webp";
const previewPixels = 640;
/** Of all frames together; a good camera has 50 million. */
const mostPixels = 100_000_000;
const mostFrames = 200;
const seconds = 20;

// Files are worked on a few at a time; each has one thread.
sharp.concurrency(1);
sharp.cache(false);

const formats = {
  "image/jpeg": (image: Sharp) => image.flatten({ background: "#fff" }).jpeg({ quality: 88, mozjpeg: false }),
  "image/png": (image: Sharp) => image.png({ compressionLevel: 6 }),
  "image/gif": (image: Sharp) => image.gif(),
  "image/webp": (image: Sharp) => image.webp({ quality: 88, effort: 2 }),
  "image/avif": (image: Sharp) => image.avif({ quality: 60, effort: 2 }),
} as const satisfies { readonly [type in FileType]?: (image: Sharp) => Sharp };

/**
 * Draws an image anew: what was hidden in it (place, camera, comments, programs) is gone, and its colours are sRGB. null: it cannot be
 * read, has too many dots, or takes too long.
 */
export async function cleanImage(type: FileType, bytes: Buffer): Promise<CleanImage | null> {
  const format = type in formats ? formats[imageType(type)] : null;
  if (!format) return null;
  try {
    const { pages = 1 } = await checked(bytes);
    const moving = pages > 1 && (type === "image/gif" || type === "image/webp");
    const opened = open(bytes, moving);
    const download = await format(moving ? opened : opened.autoOrient())
      .toColourspace("srgb")
      .toBuffer();
    const preview = await open(bytes, false)
      .autoOrient()
      .resize({ width: previewPixels, height: previewPixels, fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb")
      .webp({ quality: 75, effort: 2 })
      .toBuffer();
    return { download, preview };
  } catch {
    return null;
  }
}

function imageType(type: FileType): keyof typeof formats {
  for (const known of imageTypes) if (known === type) return known;
  return "image/png";
}
const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"] as const;

/** From its head alone: before anything of it is unpacked. */
async function checked(bytes: Buffer): Promise<Metadata> {
  const metadata = await open(bytes, false).metadata();
  const { width, height, pages = 1, pageHeight = height } = metadata;
  if (pages > mostFrames || width * pageHeight * pages > mostPixels) throw new Error("too many dots");
  return metadata;
}

function open(bytes: Buffer, animated: boolean): Sharp {
  return sharp(bytes, { limitInputPixels: mostPixels, failOn: "error", animated }).timeout({ seconds });
}

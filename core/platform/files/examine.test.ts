import { createHash } from "node:crypto";
import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import type { FileType } from "../../domain/file/file.ts";
import { entriesOf } from "./archive.ts";
import type { Scanner } from "./clamd.ts";
import { examine } from "./examine.ts";
import { sniff } from "./sniff.ts";
import { docx, hugePng, zip } from "./testing/archives.ts";

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const pdf = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF");

async function verdict(content: Buffer, type: FileType, scanner: Scanner | null = null) {
  const sha256 = createHash("sha256").update(content).digest();
  return examine(content, { type, bytes: content.length, sha256 }, scanner);
}
const reason = async (content: Buffer, type: FileType) => {
  const judged = await verdict(content, type);
  return judged.ok ? "taken" : judged.reason;
};

let jpeg: Buffer;
beforeAll(async () => {
  const picture = sharp({ create: { width: 900, height: 300, channels: 3, background: "#c33" } });
  jpeg = await picture
    .jpeg()
    .withExif({
      IFD0: { Make: "SpyCam", Orientation: "6" },
      IFD3: { GPSLatitude: "35/1 41/1 0/1", GPSLatitudeRef: "N" },
    })
    .withMetadata({ orientation: 6 })
    .toBuffer();
});

describe("a file that came", () => {
  it("is one of those that are taken, by its bytes", async () => {
    const zipped = (mimetype: string) =>
      zip([{ name: "mimetype", content: mimetype }, { name: "content.xml" }]);
    const taken: readonly (readonly [string, Buffer, FileType])[] = [
      ["a PDF", pdf, "application/pdf"],
      ["a text", Buffer.from("検査の結果です。\r\nA < B, see <here>\n"), "text/plain"],
      ["a text in Shift_JIS", Buffer.from("8c9f8db8", "hex"), "text/plain"],
      ["a table", Buffer.from("a,b\n1,2\n"), "text/csv"],
      ["a document", zip(docx), docxType],
      [
        "an OpenDocument",
        zipped("application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
      ],
      ["a picture", jpeg, "image/jpeg"],
    ];
    for (const [what, content, type] of taken) expect(await reason(content, type), what).toBe("taken");
  });

  it("is refused when it is another than announced, in length, content or type", async () => {
    const sha256 = createHash("sha256").update(pdf).digest();
    const announced = { type: "application/pdf", bytes: pdf.length, sha256 } as const;
    expect(await examine(Buffer.concat([pdf, pdf]), announced, null)).toEqual({
      ok: false,
      reason: "damaged",
    });
    expect(await examine(Buffer.from(pdf).reverse(), announced, null)).toEqual({
      ok: false,
      reason: "damaged",
    });
    const refused: readonly (readonly [string, Buffer, FileType, string])[] = [
      ["a PDF as a picture", pdf, "image/png", "mismatch"],
      [
        "a program",
        Buffer.from("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "latin1"),
        "application/pdf",
        "type",
      ],
      ["a page as a text", Buffer.from("<!DOCTYPE html><script>alert(1)</script>"), "text/plain", "type"],
      [
        "a drawing as a text",
        Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
        "text/plain",
        "type",
      ],
      ["a drawing as a picture", Buffer.from("<?xml version='1.0'?><svg/>"), "image/png", "type"],
      ["PHP as a text", Buffer.from("hello <?php system($_GET[1]); ?>"), "text/plain", "type"],
      ["a script as a text", Buffer.from("#!/bin/sh\nrm -rf /\n"), "text/plain", "type"],
      ["bytes as a text", Buffer.from([0x61, 0, 0x62]), "text/plain", "type"],
      ["a ZIP as a document", zip([{ name: "a.txt" }]), docxType, "type"],
      ["a JAR behind a picture", Buffer.concat([jpeg, zip(docx)]), docxType, "mismatch"],
    ];
    for (const [what, content, type, why] of refused) expect(await reason(content, type), what).toBe(why);
  });

  it("is seen by the scanner before anything reads into it", async () => {
    const scanner: Scanner = { scan: async () => "malware" };
    expect(await verdict(pdf, "image/png", scanner)).toEqual({ ok: false, reason: "malware" });
    expect(await verdict(pdf, "application/pdf", { scan: async () => "clean" })).toMatchObject({
      scanned: true,
    });
    expect(await verdict(pdf, "application/pdf")).toMatchObject({ ok: true, scanned: false });
  });
});

describe("a packed document", () => {
  const bad: readonly (readonly [string, Buffer])[] = [
    ["one that unpacks to a gigabyte", zip([...docx, { name: "a", unpacked: 1e9 }])],
    [
      "one that is nothing but repetition",
      zip([...docx, { name: "a", content: "x".repeat(1_000), unpacked: 2e6 }]),
    ],
    [
      "many that become too much together",
      zip([
        ...docx,
        ...Array.from({ length: 40 }, (_, i) => ({
          name: `${i}`,
          content: "x".repeat(100_000),
          unpacked: 15e6,
        })),
      ]),
    ],
    ["a path out of it", zip([...docx, { name: "../../etc/passwd" }])],
    ["an absolute path", zip([...docx, { name: "/etc/passwd" }])],
    ["macros", zip([...docx, { name: "word/vbaProject.bin" }])],
    ["a password", zip([...docx, { name: "a", encrypted: true }])],
    ["two of the same name", zip([...docx, { name: "a" }, { name: "a" }])],
  ];
  it.each(bad)("is refused: %s", async (_, content) => {
    expect(await reason(content, docxType)).toBe("unsafe");
  });

  it("is none when its directory lies", async () => {
    const whole = zip(docx);
    expect(entriesOf(whole)).toHaveLength(2);
    expect(entriesOf(zip(docx, { comment: "hello" }))).toHaveLength(2);
    expect(entriesOf(zip([...docx, { name: "a", at: 0 }]))).toBeNull();
    expect(entriesOf(Buffer.concat([whole, Buffer.from("<script>")]))).toBeNull();
    expect(entriesOf(Buffer.concat([Buffer.from("%PDF-1.4"), whole]))).toBeNull();
    for (let cut = 0; cut < whole.length; cut += 1) expect(entriesOf(whole.subarray(0, cut))).toBeNull();
  });

  it("is judged without fail, whatever its bytes are", async () => {
    const whole = zip(docx);
    const spoilt = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(spoilt, async (changes) => {
        const content = Buffer.from(whole);
        for (const [at, byte] of changes) content[at] = byte;
        expect(typeof (await sniff(content))).toBe("string");
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(typeof (await sniff(Buffer.from(bytes)))).toBe("string");
      }),
    );
  });
});

describe("a picture", () => {
  it("is drawn anew: upright, and with nothing in it but its dots", async () => {
    expect(jpeg.includes("SpyCam")).toBe(true);
    const hidden = Buffer.concat([jpeg, Buffer.from("<?php system($_GET[1]); ?>")]);
    const judged = await verdict(hidden, "image/jpeg");
    if (!judged.ok) throw new Error(judged.reason);
    const [download, preview] = judged.variants;
    for (const variant of [download, preview]) {
      const content = variant?.content ?? Buffer.alloc(0);
      for (const secret of ["SpyCam", "php", "Exif", "ICC_PROFILE"])
        expect(content.includes(secret)).toBe(false);
      const metadata = await sharp(content).metadata();
      expect([metadata.exif, metadata.icc, metadata.xmp, metadata.orientation]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(metadata.height).toBeGreaterThan(metadata.width ?? 0);
    }
    expect(await sharp(download?.content).metadata()).toMatchObject({
      width: 300,
      height: 900,
      format: "jpeg",
    });
    expect(await sharp(preview?.content).metadata()).toMatchObject({ height: 640, format: "webp" });
  });

  it("may move, and be in the colours of printers", async () => {
    const frames = [..."123"].map((_, i) => ({
      create: { width: 20, height: 20, channels: 3 as const, background: { r: i * 80, g: 0, b: 0 } },
    }));
    const gif = await sharp(await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer())), {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    const moving = await verdict(gif, "image/gif");
    if (!moving.ok) throw new Error(moving.reason);
    expect(await sharp(moving.variants[0]?.content).metadata()).toMatchObject({ pages: 3, format: "gif" });
    expect((await sharp(moving.variants[1]?.content).metadata()).pages).toBeUndefined();
    const cmyk = await sharp(jpeg).toColourspace("cmyk").jpeg().toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
    const printed = await verdict(cmyk, "image/jpeg");
    if (!printed.ok) throw new Error(printed.reason);
    expect((await sharp(printed.variants[0]?.content).metadata()).space).toBe("srgb");
  });

  it("is refused when it is broken, or has more dots than anybody needs, before they are unpacked", async () => {
    expect(await reason(hugePng(60_000), "image/png")).toBe("unreadable");
    expect(await reason(hugePng(10), "image/png")).toBe("unreadable");
    expect(await reason(jpeg.subarray(0, jpeg.length / 2), "image/jpeg")).toBe("unreadable");
  });
});

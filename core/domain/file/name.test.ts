import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileNameOf } from "./name.ts";

describe("the name of a file", () => {
  it("is the last part of a path, whatever leads there", () => {
    for (const path of [
      "../../etc/x.pdf",
      "..\\..\\x.pdf",
      "C:\\Users\\x.pdf",
      "/x.pdf",
      "a/\u0000/x.pdf",
      "....//x.pdf",
    ])
      expect(fileNameOf(path, "application/pdf")).toBe("x.pdf");
    for (const none of ["", "..", ".", "/", "...", "\u202e", " "])
      expect(fileNameOf(none, "text/plain")).toBe("file.txt");
    expect(fileNameOf(".htaccess", "text/plain")).toBe("htaccess.txt");
    expect(fileNameOf("nul.pdf", "application/pdf")).toBe("_nul.pdf");
  });

  it("ends as its type says, however it pretends", () => {
    expect(fileNameOf("report.pdf.exe", "application/pdf")).toBe("report.pdf.exe.pdf");
    expect(fileNameOf("x.html", "text/plain")).toBe("x.html.txt");
    expect(fileNameOf("PHOTO.JPEG", "image/jpeg")).toBe("PHOTO.jpeg");
    // Shown by a browser as "exe.fdp" with the mark.
    expect(fileNameOf("x\u202efdp.exe", "application/pdf")).toBe("xfdp.exe.pdf");
  });

  it("is one writing of what people write", () => {
    expect(fileNameOf("か\u3099.pdf", "application/pdf")).toBe("が.pdf");
    expect(fileNameOf("検査結果 2026.pdf", "application/pdf")).toBe("検査結果 2026.pdf");
    expect(fileNameOf("👩‍⚕️.png", "image/png")).toBe("👩‍⚕️.png");
  });

  it("is always safe, and the same when it is made again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (sent) => {
        const name = fileNameOf(sent, "application/pdf");
        expect(name).toMatch(/^[^/\\<>:"|?*\p{Cc}]+\.pdf$/u);
        expect(name.startsWith(".")).toBe(false);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(204);
        expect(name.isWellFormed()).toBe(true);
        expect(fileNameOf(name, "application/pdf")).toBe(name);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkify } from "./linkify.ts";

const links = (body: string) => linkify(body).flatMap(({ href }) => (href === undefined ? [] : [href]));

describe("linkify", () => {
  it("finds web addresses and leaves the sentence's marks outside", () => {
    expect(linkify("See https://example.org/a, please.")).toEqual([
      { text: "See " },
      { text: "https://example.org/a", href: "https://example.org/a" },
      { text: ", please." },
    ]);
    expect(links("詳しくは https://example.org/ご案内。よろしく")).toEqual([
      "https://example.org/%E3%81%94%E6%A1%88%E5%86%85",
    ]);
  });

  it("never makes a link of anything but http and https", () => {
    for (const body of [
      "javascript:alert(1)",
      "data:text/html,x",
      "https://",
      "ftp://example.org",
      "xhttp://a.b",
    ])
      expect(links(body)).toEqual([]);
  });

  it("loses and invents no character", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.webUrl(),
      fc.constantFrom("https://", ".", "。", "\n"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const body = pieces.join("");
        expect(
          linkify(body)
            .map((segment) => segment.text)
            .join(""),
        ).toBe(body);
      }),
    );
  });
});

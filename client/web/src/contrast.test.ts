import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("app.css", import.meta.url), "utf8");
const [light = "", dark = ""] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body);
const day = tokensOf(light);
const night = { ...day, ...tokensOf(dark) };

/** What is written on what. */
const texts = [
  ...["paper", "surface", "sunken"].flatMap((ground) => [`ink on ${ground}`, `muted on ${ground}`]),
  ...["paper", "surface", "sunken"].map((ground) => `primary on ${ground}`),
  "on-primary on primary",
  "on-primary on primary-hover",
  "on-tint on tint",
  "muted on tint",
  "primary on tint",
  ...["ink", "muted", "danger", "accent"].map((text) => `${text} on tint`),
  "on-mine on mine",
  "on-accent on accent",
  "accent on paper",
  "accent on surface",
  "danger on surface",
  "danger on paper",
  "danger on danger-tint",
  "ink on danger-tint",
  "surface on danger",
  "on-notice on notice",
  "paper on ink",
];
/** Edges of fields and signs that say something without words. */
const signs = ["strong-line on surface", "strong-line on paper", "online on surface", "primary on paper"];

function tokensOf(block: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(pair: string, tokens: Readonly<Record<string, string>>): number {
  const [a = 0, b = 0] = pair.split(" on ").map((name) => luminance(tokens[name] ?? ""));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe.each([
  ["by day", day],
  ["by night", night],
])("colours %s", (_, tokens) => {
  it.each(texts)("%s can be read (WCAG AA)", (pair) => {
    expect(contrast(pair, tokens)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(signs)("%s can be told apart (WCAG AA)", (pair) => {
    expect(contrast(pair, tokens)).toBeGreaterThanOrEqual(3);
  });
});

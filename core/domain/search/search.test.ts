import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classOf } from "./characters.ts";
import { fold, foldText } from "./fold.ts";
import { gramsOf, gramsOfTerm } from "./grams.ts";
import { matchText } from "./match.ts";
import { gramsOfQuery, parseQuery } from "./query.ts";
import { scoreOf } from "./score.ts";
import { highlightsOf, snippetOf } from "./snippet.ts";

/** Text as people write it here, and anything else that can be written. */
const japanese = fc.stringMatching(
  /^[頭痛熱咳薬科医院先生今日のがはをにでてとアイウガギパピー、。\u3000 ]{0,30}$/u,
);
const mixed = fc.stringMatching(/^[ａＢcéÉßﬁ１2３℃ｶﾞㇰ㍻が\u3099頭痛 \-.'ー]{0,30}$/u);
const anything = fc.string({ unit: "binary", maxLength: 40 });
const emoji = fc.constantFrom(
  "👨‍👩‍👧",
  "👍🏽",
  "🇯🇵",
  "葛\u{e0100}城",
  "e\u0301",
  "한글",
  "สวัสดี",
  "Ünïcode",
  "かﾞ",
);
const text = fc
  .array(fc.oneof(japanese, mixed, emoji, anything), { maxLength: 4 })
  .map((parts) => parts.join(""));

/** A part of a text that might be asked for, and the text. */
const partOfText = fc.tuple(text, fc.nat(), fc.nat()).map(([whole, from, length]) => {
  const characters = [...whole];
  const start = characters.length === 0 ? 0 : from % characters.length;
  return { whole, part: characters.slice(start, start + 1 + (length % 8)).join("") };
});
const query = (...terms: string[]) => ({ terms, excluded: [] });

describe("folded text", () => {
  it("is its own folded form, and knows where each piece comes from", () => {
    fc.assert(
      fc.property(text, (original) => {
        const { text: folded, starts, ends } = fold(original);
        expect(foldText(folded)).toBe(folded);
        expect(foldText(original)).toBe(folded);
        expect(starts).toHaveLength(folded.length);
        expect(ends).toHaveLength(folded.length);
        for (let i = 0; i < folded.length; i += 1) {
          const [start = -1, end = -1] = [starts[i], ends[i]];
          expect(start).toBeGreaterThanOrEqual(starts[i - 1] ?? 0);
          expect(end).toBeGreaterThan(start);
          if (folded[i] !== " ") expect(foldText(original.slice(start, end))).toContain(folded[i]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["ヒジョウニ", "ひじょうに"],
    ["ﾊﾟﾋﾟﾌﾟ ｶﾞ", "ぱぴぷ が"],
    ["か\u3099", "が"],
    ["ＰＣＲ検査　３８．５℃", "pcr検査 38.5°c"],
    ["Café NAÏVE", "cafe naive"],
    ["Straße", "strasse"],
    ["葛\u{e0100}城", "葛城"],
    ["  a \n\t b  ", "a b"],
    ["soft\u00adhyphen", "softhyphen"],
    ["㈱㍻", "(株)平成"],
  ])("%s is %s", (original, folded) => expect(foldText(original)).toBe(folded));

  it("keeps apart what is another word", () => {
    expect(foldText("か")).not.toBe(foldText("が"));
    expect(foldText("は")).not.toBe(foldText("ぱ"));
    expect(foldText("つ")).not.toBe(foldText("っ"));
  });
});

describe("what contains the query", () => {
  it("has every piece of it in the index, so that none is missed", () => {
    fc.assert(
      fc.property(partOfText, ({ whole, part }) => {
        const term = foldText(part.toWellFormed());
        const folded = fold(whole);
        fc.pre(term !== "" && matchText(folded, query(term)) !== null);
        const known = gramsOf(folded.text);
        for (const gram of gramsOfTerm(term)) expect(known).toContain(gram);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is found, wherever it is and however it is written", () => {
    fc.assert(
      fc.property(japanese, japanese, japanese, (before, term, after) => {
        const folded = foldText(term);
        fc.pre(folded !== "" && !/[\u3099\u309a]/.test(folded));
        const upper = [...folded].map((c) =>
          /[ぁ-ゖ]/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 96) : c,
        );
        expect(matchText(fold(before + upper.join("") + after), query(folded))).not.toBeNull();
      }),
    );
  });

  it("is what an independent look would say, and nothing else", () => {
    fc.assert(
      fc.property(partOfText, text, ({ whole, part }, other) => {
        for (const looked of [whole, other]) {
          const term = foldText(part.toWellFormed());
          fc.pre(term !== "");
          expect(matchText(fold(looked), query(term)) !== null).toBe(plainLook(foldText(looked), term));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Place by place, as slowly as it can be done. */
function plainLook(folded: string, term: string): boolean {
  const [first = ""] = term;
  return Array.from({ length: folded.length }, (_, i) => i).some((i) => {
    const before = [...folded.slice(0, i)].at(-1) ?? " ";
    return folded.startsWith(term, i) && !(classOf(first) === "word" && classOf(before) === "word");
  });
}

describe("highlights", () => {
  it("mark exactly what was found: whole characters, and no more of them than needed", () => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
    fc.assert(
      fc.property(partOfText, ({ whole, part }) => {
        const term = foldText(part.toWellFormed());
        const folded = fold(whole);
        const match = term === "" ? null : matchText(folded, query(term));
        fc.pre(match !== null);
        const ranges = highlightsOf(whole, folded, match);
        const edges = new Set([...segmenter.segment(whole)].map(({ index }) => index).concat(whole.length));
        let last = -1;
        for (const { start, end } of ranges) {
          expect(start).toBeGreaterThan(last);
          last = end;
          expect(edges.has(start) && edges.has(end)).toBe(true);
          expect(foldText(whole.slice(start, end))).toContain(term);
          const inner = [...segmenter.segment(whole.slice(start, end))]
            .map(({ segment }) => segment)
            // A mark upon a control character belongs to it here, though not to the eye.
            .filter((segment) => foldText(`a${segment}a`) !== "aa");
          // Without its first or last character it is another text, unless several places touch.
          if (foldText(inner.join("")).length < 2 * term.length) {
            expect(foldText(inner.slice(1).join(""))).not.toContain(term);
            expect(foldText(inner.slice(0, -1).join(""))).not.toContain(term);
          }
        }
        expect(ranges.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it("are the same texts in the snippet, which cuts no character in two", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), partOfText, (around, { whole, part }) => {
        const original = [...around, whole, ...around].join(" ");
        const term = foldText(part.toWellFormed());
        const folded = fold(original);
        const match = term === "" ? null : matchText(folded, query(term));
        fc.pre(match !== null);
        const all = highlightsOf(original, folded, match);
        const { text: shown, highlights } = snippetOf(original, all);
        expect(highlights.length).toBeGreaterThan(0);
        const texts = new Set(all.map(({ start, end }) => original.slice(start, end)));
        for (const { start, end } of highlights) expect(texts).toContain(shown.slice(start, end));
        if (original.isWellFormed()) expect(shown.isWellFormed()).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("mark a family as one, and a ligature, and half-width kana with its mark", () => {
    const shown = (original: string, term: string) => {
      const folded = fold(original);
      const match = matchText(folded, query(foldText(term)));
      return (
        match && highlightsOf(original, folded, match).map(({ start, end }) => original.slice(start, end))
      );
    };
    expect(shown("hi 👨‍👩‍👧!", "👩")).toEqual(["👨‍👩‍👧"]);
    expect(shown("a ﬁne day", "fin")).toEqual(["ﬁn"]);
    expect(shown("ﾋｶﾞｼ口", "が")).toEqual(["ｶﾞ"]);
    expect(shown("頭が痛い。頭痛", "頭")).toEqual(["頭", "頭"]);
    expect(shown("brain rain", "rain")).toEqual(["rain"]);
  });
});

describe("a query", () => {
  it.each([
    ["頭痛　発熱", ["頭痛", "発熱"], []],
    ['"since yesterday" fever', ["since yesterday", "fever"], []],
    ["咳 -薬 －熱", ["咳"], ["薬", "熱"]],
    ["“頭痛 が”", ["頭痛 が"], []],
    ["090-1234", ["090-1234"], []],
    ['咳 -"また 明日"', ["咳"], ["また 明日"]],
    ['"open', ["open"], []],
    ["咳 咳 セキ せき", ["咳", "せき"], []],
    ['" " - ""', ["-"], []],
  ])("%s", (written, terms, excluded) => expect(parseQuery(written)).toEqual({ terms, excluded }));

  it("is one whatever is written", () => {
    fc.assert(
      fc.property(text, (written) => {
        const { terms, excluded } = parseQuery(written);
        for (const term of [...terms, ...excluded]) expect(foldText(term)).toBe(term);
      }),
    );
  });

  it("finds texts with all of its terms and none that it excludes", () => {
    const found = (written: string, looked: string) => matchText(fold(looked), parseQuery(written)) !== null;
    expect(found("頭痛 発熱", "発熱があり、頭痛もします")).toBe(true);
    expect(found("頭痛 発熱", "頭痛だけです")).toBe(false);
    expect(found("頭痛 -発熱", "発熱があり、頭痛もします")).toBe(false);
    expect(found('"fever since"', "A fever, since Monday")).toBe(false);
    expect(found('"fever since"', "FEVER  since Monday")).toBe(true);
  });

  it("of one kana alone names nothing that the index knows", () => {
    expect(gramsOfQuery(parseQuery("の"))).toEqual(new Set());
    expect(gramsOfQuery(parseQuery("痛"))).toEqual(new Set(["痛"]));
    expect(gramsOfQuery(parseQuery("the"))).toEqual(new Set([" the"]));
  });
});

describe("the score", () => {
  const now = Date.UTC(2026, 0, 31);
  const score = (written: string, looked: string, at = now) => {
    const folded = fold(looked);
    const asked = parseQuery(written);
    const match = matchText(folded, asked);
    return match ? scoreOf({ text: folded.text, match, at }, asked, now) : 0;
  };

  it("puts first what answers better", () => {
    expect(score("頭痛 薬", "頭痛薬をください")).toBeGreaterThan(
      score("頭痛 薬", "薬は飲みました。でも頭痛はします"),
    );
    expect(score("頭痛", "頭痛、頭痛、頭痛")).toBeGreaterThan(score("頭痛", "頭痛、腹痛、腰痛"));
    expect(score("pain", "some pain")).toBeGreaterThan(score("pain", "some painting"));
    expect(score("咳", "咳です")).toBeGreaterThan(
      score("咳", `咳です${"。とても長い話をします".repeat(20)}`),
    );
    expect(score("咳", "咳です")).toBeGreaterThan(score("咳", "咳です", now - 90 * 24 * 3_600_000));
  });
});

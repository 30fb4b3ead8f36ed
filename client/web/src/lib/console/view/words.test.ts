import { describe, expect, it } from "vitest";
import { en } from "../../i18n/en.ts";
import { ja } from "../../i18n/ja.ts";
import { boardOf, entryAt } from "../testing/board-fixture.ts";
import { faultWords, languageName, openingWords, returnedWords, spanWords, statusWords } from "./words.ts";

const english = { t: en, locale: "en-GB" };
const japanese = { t: ja, locale: "ja-JP" };
const at = new Date("2026-03-10T10:32:00").getTime();
const by = { person: "ann", name: "Dr. Ann", at };
const queue = (more: object) => ({ ...(boardOf([]).queue ?? fail()), ...more });

function fail(): never {
  throw new Error("The fixture has a queue.");
}

describe("a refusal in words", () => {
  const board = boardOf([entryAt(1, { status: "called", by })]);
  const taken = { code: "entry_taken", first: by } as const;

  it("says who was faster, with what and when", () => {
    const words = (language: typeof english) => faultWords(taken, { entry: "entry-1", board, language });
    expect(words(english)).toBe("Dr. Ann called this patient at 10:32.");
    expect(words(japanese)).toBe("10:32にDr. Annが呼び出しています。");
    const mine = { ...taken, first: { ...by, person: "me" } };
    expect(faultWords(mine, { entry: "gone", board, language: english })).toBe(
      "You took this patient yourself at 10:32, on another device.",
    );
  });

  it("has words for every other code", () => {
    for (const language of [english, japanese])
      expect(faultWords({ code: "no_clinician", first: null }, { entry: null, board, language })).toBe(
        language.t.errors.no_clinician,
      );
  });
});

describe("where a patient stands, in words", () => {
  it("tells the time that matters", () => {
    const words = (more: object) =>
      statusWords(entryAt(1, { waitingSince: at, ...more }), at + 65 * 60_000, english);
    expect(words({})).toBe("Waiting 1 h 5 min");
    expect(words({ status: "called", by })).toBe("Called by Dr. Ann at 10:32");
    expect(words({ status: "away", offlineSince: at })).toBe("Away since 10:32");
    expect(words({ status: "leaving" })).toBe("On the way");
    expect(spanWords(30_000, japanese)).toBe("1分未満");
  });

  it("says why something came back", () => {
    expect(returnedWords("queue_closed", english)).toBe("the other queue is closed");
    expect(returnedWords("visit_locked", english)).toBe(en.errors.visit_locked);
    expect(returnedWords("unheard_of", japanese)).toBe(ja.console.returned.other);
    expect(returnedWords("other", japanese)).toBe(ja.console.returned.other);
  });

  it("names a language as the reader does", () => {
    expect(languageName("ja", "en")).toBe("Japanese");
    expect(languageName("fr", "ja")).toBe("フランス語");
    expect(languageName("no language!", "en")).toBe("no language!");
  });
});

describe("whether a queue is open, in words", () => {
  const soon = at + 3_600_000;

  it("says until when, with the day where it is another one", () => {
    expect(openingWords(queue({}), at, english)).toBe("Open");
    expect(openingWords(queue({ nextHours: soon }), at, english)).toBe("Open until 11:32");
    const suspended = { opening: "suspended", suspended: { until: soon, notice: "" } };
    expect(openingWords(queue(suspended), at, japanese)).toBe("一時停止中（11:32まで）");
    const closed = { opening: "closed", nextHours: soon };
    expect(openingWords(queue(closed), at, english)).toBe("Closed, opens 11:32");
    expect(openingWords(queue({ ...closed, nextHours: soon + 86_400_000 }), at, english)).toMatch(
      /^Closed, opens Wed,? 11:32$/,
    );
  });
});

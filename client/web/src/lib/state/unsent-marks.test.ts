import { describe, expect, it } from "vitest";
import { UnsentMarks } from "./unsent-marks.ts";

function storage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe("marks of unsent messages", () => {
  it("outlast the page, for each person apart", () => {
    const kept = storage();
    const marks = new UnsentMarks(kept, "ann");
    marks.set("demo", true);
    marks.set("labs", true);
    marks.set("demo", true);
    expect(new UnsentMarks(kept, "ann").list()).toEqual(["demo", "labs"]);
    expect(new UnsentMarks(kept, "ben").list()).toEqual([]);
  });

  it("leave nothing behind", () => {
    const kept = storage();
    const marks = new UnsentMarks(kept, "ann");
    marks.set("demo", true);
    marks.set("demo", false);
    marks.set("labs", false);
    expect(kept.kept.size).toBe(0);
  });

  it("do without a storage", () => {
    const forbidden = () => {
      throw new Error("forbidden");
    };
    for (const storage of [null, { getItem: forbidden, setItem: forbidden, removeItem: forbidden }]) {
      const marks = new UnsentMarks(storage, "ann");
      marks.set("demo", true);
      expect(marks.list()).toEqual([]);
    }
  });
});

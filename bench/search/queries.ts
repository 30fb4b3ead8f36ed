/** What is asked, and how it is told from other texts without anything of ours. */
export interface Asked {
  readonly kind: string;
  readonly q: string;
  /** What each text that is found has, in the form of `plain`. */
  readonly has: readonly RegExp[];
  readonly hasNot?: RegExp;
}

export const asked: readonly Asked[] = [
  { kind: "1 character", q: "痛", has: [/痛/] },
  { kind: "1 character, frequent", q: "日", has: [/日/] },
  { kind: "2 characters", q: "頭痛", has: [/頭痛/] },
  { kind: "2 characters, rare", q: "血尿", has: [/血尿/] },
  { kind: "3 characters", q: "倦怠感", has: [/倦怠感/] },
  { kind: "frequent", q: "お願い", has: [/お願い/] },
  { kind: "other kana and width", q: "ﾛｷｿﾆﾝ", has: [/ろきそにん/] },
  { kind: "long", q: "血液検査の結果が出ました", has: [/血液検査の結果が出ました/] },
  { kind: "two words", q: "発熱 循環器科", has: [/発熱/, /循環器科/] },
  { kind: "without a word", q: "めまい -吐き気", has: [/めまい/], hasNot: /吐き気/ },
  { kind: "rare name", q: "渡部亮", has: [/渡部亮/] },
  { kind: "number", q: "38.5℃", has: [/(?<![a-z0-9])38\.5°c/] },
  { kind: "phrase, Latin", q: '"since yesterday"', has: [/(?<![a-z0-9])since yesterday/] },
  { kind: "beginning of a word", q: "penicil", has: [/(?<![a-z0-9])penicil/] },
  { kind: "mixed", q: "HbA1c 結果", has: [/(?<![a-z0-9])hba1c/, /結果/] },
  { kind: "no hit", q: "龍宮城", has: [/龍宮城/] },
];

/** Texts made comparable by the platform's own means. */
export function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

/** `looked`: made by `plain`. */
export function isFound(looked: string, { has, hasNot }: Asked): boolean {
  return has.every((pattern) => pattern.test(looked)) && !hasNot?.test(looked);
}

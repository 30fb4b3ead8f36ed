/** Numbers from a seed, 0 to 1: the same every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const list = (text: string): readonly string[] => text.split(" ");

const family = list(
  "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 岡本 金子 藤原 中野 三浦 原田 中川 松田 竹内 小野 田村 中山 和田 石田 上田 森田 原 柴田 酒井 宮崎 横山 宮本 内田 高木 安藤 谷口 大野 丸山 今井 高田 藤本 武田 村田 上野 杉山 増田 平野 大塚 千葉 久保 松井 岩崎 桜井 野口 松尾 菊地 木下 野村 新井 菅原 佐野 渡部",
);
const given = list(
  "花 健太 美咲 大輔 翔太 陽菜 結衣 拓也 直樹 由美 恵子 誠 悠斗 さくら 葵 蓮 凛 颯 杏 真央 浩二 智子 裕子 修 明美 千尋 遥 光 茜 亮",
);
const symptoms = list(
  "頭痛 発熱 咳 吐き気 めまい 腹痛 下痢 便秘 発疹 かゆみ 動悸 息切れ 倦怠感 関節痛 腰痛 肩こり 不眠 食欲不振 鼻水 喉の痛み 胸の痛み むくみ しびれ 耳鳴り 目の充血 じんましん 筋肉痛 寒気 嘔吐 血尿",
);
const places = list("頭 喉 胸 お腹 背中 腰 右足 左足 右手 左手 首 肩 膝 足首 目 耳 こめかみ みぞおち");
const drugs = list(
  "ロキソニン カロナール アモキシシリン ムコダイン アレグラ タミフル ガスター メトホルミン アムロジピン リピトール ワーファリン プレドニン セレコックス デパス ツムラ葛根湯 ミヤBM ビオフェルミン トランサミン ザイザル モーラステープ",
);
const tests = list(
  "血液検査 尿検査 レントゲン CT検査 MRI検査 心電図 PCR検査 内視鏡検査 超音波検査 骨密度検査 HbA1c 血圧測定",
);
const departments = list(
  "内科 外科 小児科 皮膚科 耳鼻科 眼科 整形外科 循環器科 神経内科 消化器科 精神科 産婦人科",
);
const times = list(
  "昨日の夜 今朝 三日前 一週間前 先月 おととい 昨日の昼 数日前 今日の午後 二週間ほど前 夜中 食後",
);
const ways = list(
  "ズキズキと ひどく 少し 時々 ずっと 急に だんだん チクチクと キリキリと 朝だけ 動くと 横になると",
);
const english = [
  "Could you please send the interpreter a link for tomorrow's visit?",
  "The blood pressure readings were higher than last week.",
  "Fever since yesterday, mostly in the evening.",
  "Please bring your insurance card and the referral letter.",
  "I have an allergy to penicillin.",
  "My daughter has a rash on her left arm.",
  "Thank you, the prescription arrived at the pharmacy.",
];

/** What sentences are made of: in the words of patients, of the front desk and of clinicians. */
const sentences = [
  "{time}から{way}{symptom}がします。",
  "{time}から{place}が{way}痛みます。",
  "熱は{temperature}℃で、{drug}を飲みました。",
  "{drug}を飲んでも{symptom}がおさまりません。",
  "{symptom}と{symptom}があります。受診した方がよいでしょうか。",
  "いつもお世話になっております、{name}です。",
  "{name}先生、お忙しいところすみません。",
  "{department}の予約を{month}月{day}日{hour}時に変更できますか。",
  "次回の予約は{month}月{day}日の{hour}時{minute}分です。",
  "{test}の結果が出ました。異常はありませんでした。",
  "{test}の結果について、お電話でご説明します。",
  "血圧は上が{high}、下が{low}でした。",
  "{drug}を1日{times}回、食後に{days}日分お出しします。",
  "お薬手帳と保険証をお持ちください。",
  "ありがとうございます。よろしくお願いいたします。",
  "承知しました。少々お待ちください。",
  "体調はその後いかがでしょうか。",
  "{symptom}が続くようでしたら、{department}を受診してください。",
  "電話番号は090-{four}-{four}です。",
  "患者番号は{six}です。",
  "保険証の記号番号は{four}-{six}でお間違いないでしょうか。",
  "アレルギーは{drug}だけです。",
  "家族に{symptom}の人がいます。",
  "ビデオ通話の準備ができましたらお知らせください。",
  "お大事になさってください。",
  "はい、大丈夫です。",
  "すみません、少し遅れます。{minute}分ほどかかりそうです。",
] as const;

/** One of a list, the first far more often than the last, as words are. */
function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() ** 1.8 * items.length)];
  if (item === undefined) throw new Error("an empty list");
  return item;
}

const between = (low: number, high: number, random: () => number): string =>
  String(low + Math.floor(random() * (high - low + 1)));

const fillings: Readonly<Record<string, (random: () => number) => string>> = {
  time: (random) => pick(times, random),
  way: (random) => pick(ways, random),
  symptom: (random) => pick(symptoms, random),
  place: (random) => pick(places, random),
  drug: (random) => pick(drugs, random),
  test: (random) => pick(tests, random),
  department: (random) => pick(departments, random),
  name: (random) => pick(family, random) + pick(given, random),
  temperature: (random) => `${between(36, 40, random)}.${between(0, 9, random)}`,
  month: (random) => between(1, 12, random),
  day: (random) => between(1, 28, random),
  hour: (random) => between(9, 18, random),
  minute: (random) => between(5, 55, random),
  high: (random) => between(110, 180, random),
  low: (random) => between(60, 110, random),
  times: (random) => between(1, 3, random),
  days: (random) => between(3, 30, random),
  four: (random) => between(1000, 9999, random),
  six: (random) => between(100_000, 999_999, random),
};

/** A message of a clinic's chat: one to three sentences, one in twenty in English. */
export function writeMessage(random: () => number): string {
  if (random() < 0.05) return pick(english, random);
  const count = 1 + Math.floor(random() * 3);
  return Array.from({ length: count }, () =>
    sentences[Math.floor(random() * sentences.length)]?.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => fillings[name]?.(random) ?? "",
    ),
  ).join("");
}

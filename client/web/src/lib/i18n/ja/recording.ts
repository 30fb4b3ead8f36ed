import type { RecordingWords } from "../en/recording.ts";
import { san } from "./names.ts";

const names = (all: readonly string[]) => all.map(san).join("、");

export const recording: RecordingWords = {
  title: "録画",
  signs: {
    none: "",
    starting: "録画を始めています",
    on: "録画中",
    pausing: "録画を一時停止しています",
    paused: "録画は一時停止中",
    mending: "録画が途切れました。自動で再開することがあります",
    ending: "録画を終えています",
  },
  since: (time) => `${time}から`,
  why: {
    withdrawn: "同意を取り消した方がいます。",
    newcomer: "新しく入った方の同意がまだです。",
    other: "通話が戻ると再開します。",
  },
  stopMe: "録画をやめてもらう",

  ask: {
    title: "録画してもよろしいですか？",
    text: "医師が、この診察の映像と声を録画したいと考えています。いつでも止められます。",
    agree: "はい、同意します",
    no: "いいえ",
    thanks: "ありがとうございます。いつでも止められます。",
    declined: "録画はしません。診察はこのまま続きます。",
  },

  staff: {
    lead: "全員が同意するまで、何も録画されません。",
    ready: "全員が同意しています。",
    lacking: (all) => `まだ同意していない方：${names(all)}`,
    declined: (all) => `「いいえ」と答えた方：${names(all)}`,
    asked: "お願いしました。全員が同意すると始められます。",
    ask: "録画の同意をお願いする",
    askAgain: "もう一度お願いする",
    askInChat:
      "この診察を録画してもよろしいですか。よろしければ、このページの「録画」の横の「同意する」を押してください。",
    wroteInChat: "画面でお願いできない方には、チャットでお願いしました。",
    record: "録画する",
    mine: "押すと、ご自身も同意したことになります。",
    resume: "録画を再開する",
    stop: "録画を終える",
    stopped: "録画を終えました。",
    noCall: "通話が始まると録画できます。",
    admits: (all) => `${names(all)}は、録画が止まりしだい入室します。`,
  },

  kept: {
    title: "録画",
    failed: "録画の一覧を読み込めませんでした。",
    length: (minutes, seconds) => (minutes === 0 ? `${seconds}秒` : `${minutes}分${seconds}秒`),
    of: (name) => `${san(name)}のみ`,
    everyone: "全員一緒",
    making: "準備しています。少したってからもう一度ご覧ください。",
    gone: "保存期間が過ぎました。",
    fault: "一部が欠けています。",
    until: (when) => `保存期限：${when}`,
    download: "ダウンロード",
    busy: "取り出しています…",
  },
};

import type { CallWords } from "../en/call.ts";
import { san } from "./names.ts";

export const call: CallWords = {
  title: "通話",
  ready: "緑のボタンを押すと、カメラとマイクが入り、通話が始まります。",
  readyStaff: "準備ができたら通話に参加してください。",
  join: "ビデオで参加",
  joinVoice: "声だけで参加",
  joining: "通話につないでいます…",
  allow: "カメラとマイクの使用を聞かれたら「許可」を選んでください。",
  check: "先にカメラとマイクを確かめる",

  alone: "通話に入りました。ほかの方はここに映ります。",
  aloneWith: (name) => `通話に入りました。${san(name)}はここに映ります。`,
  connecting: (name) => `${san(name)}とつないでいます…`,
  lost: (name) => `${san(name)}とつなぎ直しています…`,
  reconnecting: "通話が途切れました。自動で戻ります。そのままお待ちください。",
  failed: "いまは通話をつなげません。",
  failedHint: "つながりしだい自動で始まります。その間もチャットは使えます。",
  elsewhere: "通話は、別の画面または別の端末で続いています。",
  here: "この画面で続ける",
  left: "通話から抜けました。",
  again: "もう一度参加する",
  held: "保留中です。いまは誰にも見えず、聞こえません。",

  me: "自分",
  preview: "自分の映像",
  picture: (name) => `${san(name)}の映像`,
  screenOf: (name) => `${san(name)}の画面`,
  microphoneOff: "マイクオフ",
  cameraOff: "カメラオフ",

  controls: "通話のボタン",
  mute: "消音",
  unmute: "声を出す",
  cameraOn: "カメラ入",
  stopCamera: "カメラ切",
  share: "画面共有",
  stopSharing: "共有をやめる",
  sharing: "あなたの画面が相手に見えています。",
  devices: "機器",
  leave: "通話を終える",
  back: "映像に戻る",

  mutedHint: "消音中です。声は届いていません。",
  mutedByClinician: "医師があなたのマイクを切りました。話すときは「声を出す」を押してください。",
  saving: "通信が弱いため、声が届くようにあなたの映像を止めています。",
  soundBlocked: "ブラウザーが音を止めています。",
  soundOn: "音を出す",
  muteOther: (name) => `${san(name)}を消音にする`,
  muted: (name) => `${san(name)}を消音にしました。`,

  quality: {
    good: "通信は良好",
    fair: "通信はやや不安定",
    poor: "通信が不安定",
    lost: "通信が途切れています",
  },

  choose: {
    title: "カメラ・マイク・スピーカー",
    camera: "カメラ",
    microphone: "マイク",
    speaker: "スピーカー",
    standard: "端末の設定どおり",
    done: "完了",
  },

  faults: {
    camera: "カメラを使えません。",
    microphone: "マイクを使えません。声が届いていません。",
    why: {
      denied: "アドレスの横の鍵を押して許可し、もう一度お試しください。",
      missing: "見つかりませんでした。つないでから、もう一度お試しください。",
      inUse: "ほかのアプリが使っています。終了してから、もう一度お試しください。",
      insecure: "このブラウザーでは、安全なページ（https）でのみ使えます。",
      failed: "抜いて差し直してから、もう一度お試しください。",
    },
    again: "もう一度試す",
  },
};

import type { files as english } from "../en/files.ts";

export const files: typeof english = {
  add: "写真やファイルを送る",
  one: "写真・ファイル",
  short: "写真",
  drop: "ここにファイルを置くと送れます",
  folders: "フォルダは送れません。中のファイルを選んでください。",
  list: "送るファイル",
  sending: (name, percent) => `${name}：${percent}% 送信済み`,
  ready: "送る準備ができました",
  failed: (why) => `送れませんでした：${why}`,
  lost: "接続が切れました。つながると自動でもう一度送ります。",
  empty: "ファイルの中身が空です。別のファイルを選んでください。",
  again: "もう一度送る",
  cancel: (name) => `${name}の送信をやめる`,
  remove: (name) => `${name}を取りやめる`,
  wait: "ファイルを送っています。終わるとメッセージを送れます。",
  tooMany: (most) => `1通に付けられるファイルは${most}個までです。残りは次のメッセージで送ってください。`,
  checking: "ウイルスがないか確認しています。終わると自動で開けるようになります。",
  blocked: (why) => `使えません：${why}`,
  rejected: {
    damaged: "途中で壊れました。もう一度送ってください。",
    malware: "ウイルスが見つかったため、削除しました。誰も開いていません。送った端末を確認してください。",
    mismatch: "ファイル名と中身が合っていません。写真やPDFなら送れます。",
    type: "この種類のファイルは送れません。写真やPDFなら送れます。",
    unsafe:
      "プログラムが含まれているか、パスワードがかかっているか、圧縮のしかたに問題があります。写真やPDFなら送れます。",
    unreadable: "開けないファイルか、画像が大きすぎます。写真を撮り直すと送れます。",
    too_large: "大きすぎて確認できません。もっと小さいファイルなら送れます。",
  },
  gone: "このファイルはもう保存されていません。",
  unscanned: "ウイルスの確認はしていません",
  download: (name) => `${name}を保存`,
  save: "保存",
  picture: (name) => `画像：${name}`,
  size: (bytes) => {
    if (bytes < 1024) return `${bytes} バイト`;
    if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
    const value = bytes / 1024 / 1024;
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
  },
};

import type { security as english } from "../en/security.ts";

/** 二段階認証とセキュリティのページのことば。 */
export const security: typeof english = {
  title: "セキュリティ",

  code: {
    title: "もう一つ確認します",
    label: "認証アプリのコード",
    hint: "6桁の数字です。スマートフォンが手元にないときは、リカバリーコードを入力してください。",
    missing: "コードを入力してください。",
    submit: "続ける",
    back: "パスワード入力に戻る",
  },

  factor: {
    title: "二段階認証",
    off: "今はパスワードだけで保護されています。スマートフォンの認証アプリを使うと、パスワードを知られてもサインインされません。",
    on: (since, left) => `${since}に設定しました。リカバリーコードは残り${left}個です。`,
    required: "所属する組織では必須です。",
    setUp: "設定する",
    password: "パスワードをもう一度入力",
    wrongPassword: "パスワードが違います。確かめて、もう一度入力してください。",
    next: "次へ",
    scan: "認証アプリでこの図を読み取り、表示された数字を入力してください。",
    qr: "認証アプリ用のQRコード",
    here: "この端末の認証アプリを開く",
    byHand: "うまくいかないときは、このキーをアプリに入力してください。",
    confirm: "確認する",
    keep: "リカバリーコードを書き留めて、安全な場所に保管してください。スマートフォンをなくしたとき、1個につき1回サインインできます。再表示はできません。",
    kept: "書き留めました",
    remove: "二段階認証を解除する",
    removeCode: "アプリのコードまたはリカバリーコード",
    cancel: "やめる",
  },

  sessions: {
    title: "サインイン中の端末",
    current: "この端末",
    unknown: "不明な端末",
    since: (at) => `サインイン ${at}`,
    used: (at) => `最終利用 ${at}`,
    network: (network) => `ネットワーク ${network}`,
    factor: "二段階認証あり",
    end: "サインアウト",
    endOne: (agent) => `${agent}をサインアウト`,
    endOthers: "ほかの端末をすべてサインアウト",
  },
};

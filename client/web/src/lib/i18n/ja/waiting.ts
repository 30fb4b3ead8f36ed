import { clock, type WaitingWords } from "../en/waiting.ts";

const long = (n: number): string => {
  if (n < 60) return `${n}分`;
  return n % 60 === 0 ? `${n / 60}時間` : `${Math.floor(n / 60)}時間${n % 60}分`;
};

const setBack = {
  priority: "より急ぐ必要のある方が先になりました。",
  moved: "クリニックが順番を変更しました。",
  transfer: "より長くお待ちの方が、別の待合室から来られました。",
} as const;

export const waiting: WaitingWords = {
  title: "待合室",
  choose: "受診したい待合室を選んでください。",
  none: "いま利用できる待合室はありません。",
  yourPlaceIsHere: "ここで順番待ち中です",
  back: "待合室の一覧へ戻る",
  opening: { open: "受付中", suspended: "休止中", closed: "受付時間外" },
  openUntil: (when) => `受付は${when}まで`,
  opens: (when) => `受付時間外　${when}から`,
  enter: "入る",

  emergency: "緊急のときは、ここで待たずに119番へお電話ください。",

  closedTitle: "いまは受付時間外です",
  closedHint: "受付が始まると順番を取れます。この画面は自動で切り替わります。",
  closedOpens: (when) => `受付は${when}に始まります。`,
  suspendedTitle: "受付を一時休止しています",
  suspendedUntil: (when) => `再開の予定：${when}`,
  suspendedHint: "いまは新しく順番を取れません。再開すると、この画面は自動で切り替わります。",
  pausedInside: "クリニックは休憩中です。順番はそのままです。",
  pausedInsideUntil: (when) => `再開の予定：${when}`,
  closedInside: "本日の新しい受付は終わりました。順番はそのままです。",

  join: {
    title: "順番を取る",
    reason: "どのようなことでご相談ですか",
    reasonHint: "ひとことで大丈夫です。書かなくてもかまいません。",
    language: "お話しになる言語",
    needs: "必要なものはありますか",
    needsHint: "いくつでも選べます。",
    otherNeed: "そのほか",
    appointment: "ご予約はありますか",
    noAppointment: "予約はしていません",
    appointmentAt: (when, name) => (name === "" ? `はい、${when}` : `はい、${when}・${name}`),
    submit: "順番を取る",
    busy: "少々お待ちください…",
  },
  needs: {
    interpreter: "通訳が必要",
    hearing: "耳が聞こえにくい",
    wheelchair: "車いすを使っている",
  },

  checkIn: {
    title: "受付",
    lead: "順番は取れています。診察の前に、次のことを教えてください。",
    identity: (name) => `私は${name}です`,
    identityTitle: "ご本人の確認",
    identityWhy: "ほかの方と取り違えないためです。",
    location: "いま、どこにいますか",
    locationHint: "住所、または近くの目印",
    locationWhy: "急に具合が悪くなったとき、助けを向かわせるためです。",
    emergencyContact: "もしものときの連絡先",
    emergencyContactHint: "お名前と電話番号",
    emergencyContactWhy: "身近な方にお知らせするためです。",
    missing: "すべての項目にお答えください。",
    submit: "受付を済ませる",
    busy: "送信しています…",
    done: "受付は済みました。",
    change: "答えを変更する",
  },

  place: {
    title: "あなたの順番",
    before: "あなたの順番は",
    after: "番目",
    announced: (place) => `あなたの順番は${place}番目です。`,
    next: "次があなたの番です。",
    ahead: (n) => `前に${n}人お待ちです。`,
    estimate: "待ち時間の目安",
    wait: (wait) => {
      if (wait.kind === "unknown") return "まだわかりません";
      if (wait.kind === "soon") return "あと数分";
      if (wait.kind === "about") return `およそ${long(wait.minutes)}`;
      return wait.to < 60 ? `およそ${wait.from}〜${wait.to}分` : `およそ${long(wait.from)}〜${long(wait.to)}`;
    },
    waitHint: {
      unknown: "いま診察している医師がいません。順番はそのままです。",
      known: "今日の診察から計算した目安です。前後することがあります。",
    },
    kept: "通信が少し途切れても、順番はそのままです。",
    setBack: (why, when) => `${setBack[why]}そのため順番が変わりました（${when}）。`,
    missed: (when) =>
      `${when}にお呼びしましたが、お返事がありませんでした。順番はそのままです。もう一度お呼びします。`,
    cameFrom: (title) => `「${title}」からこちらへ移りました。これまでの待ち時間も数えられます。`,
    held: "クリニックがいったん保留にしています。順番はそのままです。",
    away: "席を外されていました。お戻りになったので、順番はそのままです。",
  },

  next: "これからの流れ",
  steps: {
    checkIn: { title: "受付", text: "クリニックの準備のため、質問にお答えください。" },
    wait: {
      title: "お好きな場所で待つ",
      text: "この画面を開いたままお待ちください。順番は自動で変わります。",
    },
    call: {
      title: "お呼びします",
      text: "音が鳴り、大きなボタンが出ます。押すと、いらっしゃることが伝わります。",
    },
    visit: { title: "診察が始まります", text: "診察の画面が自動で開きます。" },
  },
  stepDone: "済み",

  notices: "クリニックからのお知らせ",
  noticeForYou: "あなたへ",

  device: {
    link: "カメラとマイクを確かめる",
    hint: "診察をスムーズに始めるために。",
  },

  leave: {
    open: "待合室を出る",
    title: "順番を手放しますか",
    note: "あとで戻ると、いちばん後ろからになります。",
    stay: "このまま待つ",
    confirm: "出る",
  },

  call: {
    title: (name) => `${name}の準備ができました`,
    titleUnnamed: "診察の準備ができました",
    text: "ボタンを押して、いらっしゃることをお知らせください。",
    button: "ここにいます",
    busy: "少々お待ちください…",
    left: (seconds) => `お返事の残り時間 ${clock(seconds)}`,
    late: "いますぐお返事ください",
    hurry: "お返事まで残り30秒です。",
    tab: "順番が来ました！",
  },
  confirmed: {
    title: "ありがとうございます。いらっしゃることが伝わりました。",
    text: "まもなく診察室へご案内します。この画面のままお待ちください。",
  },
  leaving: { title: "診察室を開いています…", text: "まもなくご案内します。" },
  admitted: {
    title: "診察室が開きました",
    text: "いまお入りいただけます。",
    enter: "診察室へ入る",
  },

  ended: {
    left: {
      title: "順番を手放しました",
      text: "待合室から出ました。",
      next: "受付中であれば、いつでも新しく順番を取れます。",
    },
    removed: {
      title: "クリニックが順番待ちを終わりにしました",
      text: "待合室の一覧から外れました。",
      next: "まだご相談が必要でしたら、もう一度順番を取るか、クリニックへお電話ください。",
    },
    noShow: {
      title: "お呼びしましたが、お返事がありませんでした",
      text: "順番は次の方へ移りました。",
      next: "いつでも、もう一度順番を取れます。",
    },
    released: {
      title: "順番を取っておくことができませんでした",
      text: "長い間つながりませんでした。",
      next: "いつでも、もう一度順番を取れます。",
    },
    closed: {
      title: "待合室は閉まりました",
      text: "申し訳ありません。本日は診察できませんでした。",
      next: "次の受付時間にお越しください。お急ぎのときはクリニックへお電話ください。",
    },
    transferred: {
      title: "別の待合室へ移りました",
      text: "これまでの待ち時間は、そのまま数えられます。",
      next: "新しい待合室へお進みください。",
    },
    admitted: {
      title: "順番が来ました",
      text: "こちらから診察室へご案内しました。",
      next: "「診察」から見られます。",
    },
  },
  endedReason: "クリニックより：",
  again: "もう一度順番を取る",
  goThere: "新しい待合室へ",
  toVisits: "診察の一覧へ",

  bar: {
    place: (title, place) => `順番は${place}番目です・${title}`,
    held: (title) => `保留中・${title}`,
    ended: (title) => `順番待ちが終わりました・${title}`,
    open: "表示",
  },

  offlineHint: "順番はしばらくそのままです。この画面を開いたままお待ちください。接続を試みています。",
  signOut: "待合室で順番待ち中です。サインアウトするとお呼びできず、順番を失うことがあります。",
  closed: "ここには入れません",

  check: {
    title: "カメラとマイク",
    lead: "ここでは誰にも見えず、聞こえません。録画もされません。",
    start: "確かめる",
    starting: "ブラウザが許可を求めたら「許可」を選んでください。",
    again: "もう一度試す",
    camera: "カメラ",
    cameraOk: "ご自分が映っていれば、カメラは使えます。",
    cameraSelect: "使うカメラ",
    preview: "カメラの映像",
    microphone: "マイク",
    microphoneSay: "何か話してみてください。声が届くと目盛りが動きます。",
    microphoneOk: "声が届いています。マイクは使えます。",
    microphoneSelect: "使うマイク",
    level: "声の大きさ",
    speaker: "スピーカー",
    speakerHint: "ボタンを押してください。音が3つ鳴ります。",
    speakerPlay: "音を鳴らす",
    speakerPlaying: "鳴らしています…",
    speakerHeard: "聞こえないときは、音量を上げるか、イヤホンをつないでください。",
    faults: {
      denied: "ブラウザで許可されていません。アドレスの横の鍵のマークから許可して、もう一度お試しください。",
      missing: "見つかりませんでした。接続するか、スマートフォンをお使いください。",
      inUse: "ほかのアプリが使っています。そのアプリを閉じて、もう一度お試しください。",
      insecure: "安全なページ（https）でだけ使えます。",
      failed: "始められませんでした。つなぎ直して、もう一度お試しください。",
    },
    done: "終わる",
    withoutCamera: "カメラがなくても、声で話せます。",
    network: {
      title: "インターネット接続",
      hint: "ボタンを押してください。5秒ほどで終わります。",
      start: "接続を確かめる",
      again: "もう一度確かめる",
      measuring: "確かめています。少々お待ちください…",
      verdicts: {
        good: "ビデオ通話に十分な接続です。",
        fair: "ビデオ通話はできますが、ときどき映像が止まるかもしれません。",
        poor: "接続が弱いようです。声だけで参加するか、次のことをお試しください。",
        none: "このままでは通話ができません。",
      },
      advice: {
        offline:
          "クリニックにつながりません。Wi-Fiやモバイル通信が入っているか確かめて、もう一度お試しください。",
        noCalls: "このブラウザーでは通話ができません。最新のChrome、Edge、Firefox、Safariをお使いください。",
        slow: "応答に時間がかかっています。VPNをお使いなら切ってください。",
        unsteady: "接続が不安定です。Wi-Fiのルーターに近づくか、ケーブルをつないでください。",
        narrow:
          "通信量が足りません。ほかのアプリを閉じ、ご家族の動画やダウンロードを止めてもらってください。",
      },
      numbers: (ms, megabits) =>
        `クリニックまでの測定：往復${ms}ミリ秒${megabits === null ? "" : `、受信 約${megabits.toFixed(1)} Mbit/秒`}。ご自分の映像が届く速さと、お使いのネットワークが通話を通すかどうかは、通話中にわかります。`,
    },
  },
};

/** Words of signing in with a second factor, and of the page where people see to their account's safety. */
export const security = {
  title: "Security",

  code: {
    title: "One more step",
    label: "Code of your authenticator app",
    hint: "Six digits. If you do not have the phone at hand, write one of your recovery codes.",
    submit: "Continue",
    back: "Back to the password",
  },

  factor: {
    title: "Second factor",
    off: "Your account is protected by your password alone. With an authenticator app on your phone, nobody who has learnt the password gets in.",
    on: (since: string, left: number) =>
      `Set up on ${since}. ${left === 1 ? "1 recovery code is" : `${left} recovery codes are`} left.`,
    required: "Your organisation wants one.",
    setUp: "Set up",
    password: "Your password, once more",
    next: "Next",
    scan: "Scan this with an authenticator app, then write the code that it shows.",
    qr: "QR code for the authenticator app",
    byHand: "No camera? Type this key into the app:",
    confirm: "Confirm",
    keep: "Write these recovery codes down and keep them in a safe place. Each gets you in once, if the phone is lost. They are not shown again.",
    kept: "I have written them down",
    remove: "Remove the second factor",
    removeCode: "A code of the app, or a recovery code",
    cancel: "Cancel",
  },

  sessions: {
    title: "Where you are signed in",
    current: "This device",
    unknown: "Unknown program",
    line: (since: string, used: string) => `Signed in ${since} · last used ${used}`,
    network: (network: string) => `Network ${network}`,
    factor: "with second factor",
    end: "Sign out",
    endOne: (agent: string) => `Sign out ${agent}`,
    endOthers: "Sign out everywhere else",
  },
};

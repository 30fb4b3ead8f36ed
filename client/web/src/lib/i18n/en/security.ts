/** Words of signing in with a second factor, and of the page where people see to their account's safety. */
export const security = {
  title: "Security",

  code: {
    title: "One more step",
    label: "Code of your authenticator app",
    hint: "Six digits. If you do not have the phone at hand, write one of your recovery codes.",
    missing: "Write the code first.",
    submit: "Continue",
    back: "Back to the password",
  },

  factor: {
    title: "Two-step sign-in",
    off: "Your account is protected by your password alone. With an authenticator app on your phone, nobody who has learnt the password gets in.",
    on: (since: string, left: number) =>
      `Set up on ${since}. ${left === 1 ? "1 recovery code is" : `${left} recovery codes are`} left.`,
    required: "Your organisation requires it.",
    setUp: "Set up",
    password: "Your password, once more",
    wrongPassword: "The password is wrong. Check it and write it again.",
    next: "Next",
    scan: "Scan this picture with an authenticator app, then write the code that it shows.",
    qr: "QR code for the authenticator app",
    here: "Open the app on this phone",
    byHand: "If that does not work, type this key into the app:",
    confirm: "Confirm",
    keep: "Write these recovery codes down and keep them in a safe place. Each gets you in once, if the phone is lost. They are not shown again.",
    kept: "I have written them down",
    remove: "Turn off two-step sign-in",
    removeCode: "A code of the app, or a recovery code",
    cancel: "Cancel",
  },

  sessions: {
    title: "Where you are signed in",
    current: "This device",
    unknown: "Unknown device",
    since: (at: string) => `Signed in ${at}`,
    used: (at: string) => `Last used ${at}`,
    network: (network: string) => `Network ${network}`,
    factor: "in two steps",
    end: "Sign out",
    endOne: (agent: string) => `Sign out ${agent}`,
    endOthers: "Sign out everywhere else",
  },
};

import type { RejectReason } from "../../../../../../core/domain/file/file.ts";

const rejected: Readonly<Record<RejectReason, string>> = {
  damaged: "It arrived damaged. Send it again.",
  malware:
    "A virus was found in it, so it was deleted. Nobody could open it. Have the device that it came from checked.",
  mismatch: "It is not what its name says. A photo or a PDF can be sent.",
  type: "Files of this type cannot be sent. A photo or a PDF can.",
  unsafe:
    "It contains a program, is locked with a password, or is packed too tightly. A photo or a PDF can be sent.",
  unreadable: "It cannot be opened, or the picture is too large. A new photo can be sent.",
  too_large: "It is too large to be checked. A smaller file can be sent.",
};

/** Words of files. */
export const files = {
  add: "Add a photo or a file",
  one: "Photo or file",
  short: "Photo",
  drop: "Drop the files here to send them",
  folders: "Folders cannot be sent. Choose the files inside them.",
  list: "Files to send",
  sending: (name: string, percent: number) => `${name}: ${percent}% sent`,
  ready: "Ready to send",
  failed: (why: string) => `Not sent: ${why}`,
  lost: "The connection broke. It is sent again by itself when the connection is back.",
  empty: "The file is empty. Choose another one.",
  again: "Try again",
  cancel: (name: string) => `Stop sending ${name}`,
  remove: (name: string) => `Remove ${name}`,
  wait: "The files are still on their way. You can send the message when they are there.",
  tooMany: (most: number) => `A message takes ${most} files. Send the others in another message.`,
  checking: "Being checked for viruses. It opens by itself when that is done.",
  blocked: (why: string) => `Blocked: ${why}`,
  rejected,
  gone: "This file is no longer kept.",
  unscanned: "Not checked for viruses",
  download: (name: string) => `Save ${name}`,
  save: "Save",
  picture: (name: string) => `Picture: ${name}`,
  size: (bytes: number) => {
    const units = ["bytes", "KB", "MB"] as const;
    const power = bytes < 1024 ? 0 : bytes < 1024 * 1024 ? 1 : 2;
    const value = bytes / 1024 ** power;
    return `${power === 2 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
  },
};

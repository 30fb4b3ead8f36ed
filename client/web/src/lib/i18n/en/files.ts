import type { RejectReason } from "../../../../../../core/domain/file/file.ts";

const rejected: Readonly<Record<RejectReason, string>> = {
  damaged: "It arrived damaged. Send it again.",
  malware: "A virus was found in it. It was deleted.",
  mismatch: "It is not what its name says.",
  type: "Files of this type cannot be sent.",
  unsafe: "It contains programs or a password, or is packed too tightly.",
  unreadable: "It cannot be opened, or the picture is too large.",
  too_large: "It is too large to be checked.",
};

/** Words of files. */
export const files = {
  add: "Add a photo or a file",
  one: "Photo or file",
  short: "Photo",
  drop: "Drop the files here to send them",
  list: "Files to send",
  sending: (name: string, percent: number) => `${name}: ${percent}% sent`,
  ready: "Ready to send",
  failed: "Not sent",
  remove: (name: string) => `Remove ${name}`,
  wait: "The files are still on their way. You can send the message when they are there.",
  tooMany: (most: number) => `A message takes ${most} files. Send the others in another message.`,
  checking: "Being checked for viruses. It opens by itself when that is done.",
  checkingShort: "Being checked …",
  blocked: "Blocked",
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

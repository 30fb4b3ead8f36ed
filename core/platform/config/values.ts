import { z } from "zod";

/** The forms of values that settings of several areas have. */

export const flag = z
  .enum(["0", "1", "true", "false"])
  .transform((value) => value === "1" || value === "true");

export const webUrl = z.url({ protocol: /^https?$/ });

export const awsRegion = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, "a region of AWS, like ap-northeast-1");

/** What stands between commas. */
export function listed(text: string): string[] {
  return text.split(",").flatMap((one) => one.trim() || []);
}

/** The same, each once. */
export function listedOnce(text: string): string[] {
  return [...new Set(listed(text))];
}

export const dayMs = 86_400_000;

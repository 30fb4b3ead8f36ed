import type { OpeningHours } from "../opening-hours.ts";

/** Monday to Friday in Tokyo, from and to each of these times. */
export function openingHoursOf(...times: readonly string[]): OpeningHours {
  const spans = times.flatMap((from, i) => (i % 2 === 0 ? [{ from, to: times[i + 1] ?? "24:00" }] : []));
  const weekly = [1, 2, 3, 4, 5].flatMap((day) => spans.map((span) => ({ day, ...span })));
  return { timeZone: "Asia/Tokyo", weekly };
}

import type { MediasoupNews, Offered } from "../../../core/protocol/mediasoup.ts";
import { tryJson } from "../errors.ts";
import { slots } from "./call-link.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Reads what came over the data channel; null when it is nothing that is said there. */
export function parseNews(data: unknown): MediasoupNews | null {
  const value = typeof data === "string" ? tryJson(data) : null;
  if (!isObject(value)) return null;
  switch (value.news) {
    case "elsewhere":
      return { news: "elsewhere" };
    case "offers":
      return { news: "offers", offers: Array.isArray(value.offers) ? value.offers.flatMap(parseOffer) : [] };
    case "speaking":
      return {
        news: "speaking",
        person: typeof value.person === "string" ? value.person : null,
        levels: isObject(value.levels) ? parseLevels(value.levels) : {},
      };
    default:
      return null;
  }
}

function parseOffer(value: unknown): Offered[] {
  if (!isObject(value)) return [];
  const { person, producer, paused } = value;
  const slot = slots.find((one) => one === value.slot);
  if (typeof person !== "string" || typeof producer !== "string" || !slot) return [];
  return [{ person, slot, producer, paused: paused === true }];
}

function parseLevels(levels: Fields): Record<string, number> {
  const numbers = Object.entries(levels).flatMap(([person, level]) =>
    typeof level === "number" ? [[person, level] as const] : [],
  );
  return Object.fromEntries(numbers);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

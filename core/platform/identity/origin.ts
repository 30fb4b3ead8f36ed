import { networkOf } from "./throttle.ts";

/** Where a sign-in comes from, as the request says. */
export interface Origin {
  readonly address: string;
  readonly userAgent?: string | undefined;
}

/** As much of it as is kept: enough for its owner to know it again. */
export interface Place {
  /** "Firefox · Windows"; null: it did not say. */
  readonly agent: string | null;
  /** An IPv4 network of 256 addresses, or an IPv6 site (/48); null: not known. */
  readonly network: string | null;
}

export function placeOf({ address, userAgent = "" }: Origin): Place {
  return { agent: agentOf(userAgent), network: siteOf(address) };
}

/** In this order: each also names those below it. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\/|\bOpera\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\b(iPhone|iPad|iPod)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** No version and no model: they tell people apart, and nobody needs them. */
function agentOf(userAgent: string): string | null {
  const named = (list: typeof browsers) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const product = /^[A-Za-z][A-Za-z0-9._-]{0,30}/.exec(userAgent)?.[0];
  const program = named(browsers) ?? (product === "Mozilla" ? undefined : product);
  return [program, named(systems)].filter((part) => part !== undefined).join(" · ") || null;
}

function siteOf(address: string): string | null {
  const network = networkOf(address);
  const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(network)?.[1];
  if (v4) return `${v4}.0/24`;
  const groups = network.split(":");
  return groups.length === 4 ? `${groups.slice(0, 3).join(":")}::/48` : null;
}

/** An operation that goes away. Dates as `2026-01-31`. */
export interface Deprecated {
  /** Since when, or from when on, it should not be used any more. */
  readonly since: string;
  /** When it stops answering; not before half a year after `since`. */
  readonly sunset?: string;
  /** Where to read what to do instead; by default the operation's place in the reference. */
  readonly documentation?: string;
  /** The address of what takes its place. */
  readonly successor?: string;
}

/** RFC 9745 (Deprecation), RFC 8594 (Sunset), RFC 5829 (successor-version). */
export function deprecationHeaders(
  { since, sunset, documentation, successor }: Deprecated,
  page: string,
): Readonly<Record<string, string>> {
  const links = [
    `<${documentation ?? page}>; rel="deprecation"`,
    ...(successor === undefined ? [] : [`<${successor}>; rel="successor-version"`]),
  ];
  return {
    deprecation: `@${Date.parse(since) / 1_000}`,
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
    link: links.join(", "),
  };
}

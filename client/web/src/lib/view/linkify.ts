export interface Segment {
  readonly text: string;
  /** Only ever http or https. */
  readonly href?: string;
}

// Stops at what ends an address in running text, also in Japanese.
const address = /\bhttps?:\/\/[^\s<>"'`「」『』（）、。，！？]+/giu;
const trailing = /[.,:;!?)\]}]+$/;

/** Cuts a message into plain text and web addresses. The text of all segments together is the body. */
export function linkify(body: string): readonly Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of body.matchAll(address)) {
    const text = match[0].replace(trailing, "");
    const href = webAddress(text);
    if (href === null) continue;
    if (match.index > end) segments.push({ text: body.slice(end, match.index) });
    segments.push({ text, href });
    end = match.index + text.length;
  }
  if (end < body.length) segments.push({ text: body.slice(end) });
  return segments;
}

function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

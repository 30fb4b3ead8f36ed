/** Deeper than any request of ours; keeps what walks over it from running out of stack. */
const maxDepth = 64;

/** Why a text is not taken, though a JSON parser would; null: it is. `text` has been parsed: it is JSON. */
export type JsonFault = "duplicate" | "deep" | "prototype";

/**
 * Looks for what two readers of the same text may understand differently: a name twice in an object (RFC 8259, 4), and for
 * nesting without end, and for a name that could reach a prototype. One pass, no recursion.
 */
export function findJsonFault(text: string): JsonFault | null {
  /** The names seen in each object that is open; null: an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "{" || char === "[") {
      open.push(char === "{" ? new Set() : null);
      if (open.length > maxDepth) return "deep";
    } else if (char === "}" || char === "]") {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names && isName(text, end)) {
        const name: unknown = JSON.parse(text.slice(at, end));
        if (typeof name !== "string" || names.has(name)) return "duplicate";
        if (name === "__proto__") return "prototype";
        names.add(name);
      }
      at = end - 1;
    }
  }
  return null;
}

/** Just behind the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function isName(text: string, after: number): boolean {
  let at = after;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return text[at] === ":";
}

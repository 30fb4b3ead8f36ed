import { z } from "zod";

/** Whether a reply is a page of a list. */
export function isPage(reply: z.ZodType | null): boolean {
  return reply instanceof z.ZodObject && "items" in reply.shape && "next" in reply.shape;
}

/**
 * The address of the next page (RFC 8288). A list goes on the way it was asked: towards the older where the operation takes
 * `before` and no `after` was given.
 */
export function nextLink(url: string, next: string, query: z.ZodType | undefined): string {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const backwards = query instanceof z.ZodObject && "before" in query.shape && !searchParams.has("after");
  searchParams.set(backwards ? "before" : "after", next);
  return `<${pathname}?${searchParams}>; rel="next"`;
}

import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { KeyRing } from "../crypto/key-ring.ts";

/** Text that we gave out and know again: a part of an address that is good for one thing, until a moment. */
export interface Tickets<T> {
  issue(content: T): string;
  /** null: not ours, or another one than we gave out. Whether it is still good is in it. */
  read(ticket: string): T | null;
}

const longest = 2_000;

/** `<content>.<HMAC-SHA-256>` under a key that is derived from a master key for this use; the content names that. */
export function createTickets<T extends object>(
  ring: Pick<KeyRing, "derive">,
  use: string,
  schema: z.ZodType<T>,
): Tickets<T> {
  const keyed = z.strictObject({ key: z.string().max(64), content: schema });
  const macOf = (body: string, name: string | undefined): Buffer =>
    createHmac("sha256", ring.derive(`hugmedo ${use}`, name).key)
      .update(body)
      .digest();
  return {
    issue: (content) => {
      const { name } = ring.derive(`hugmedo ${use}`);
      const body = Buffer.from(JSON.stringify({ key: name, content })).toString("base64url");
      return `${body}.${macOf(body, name).toString("base64url")}`;
    },
    read: (ticket) => {
      const [body = "", mac = "", ...more] = ticket.length <= longest ? ticket.split(".") : [];
      if (more.length > 0) return null;
      try {
        const { key, content } = keyed.parse(JSON.parse(Buffer.from(body, "base64url").toString()));
        const shown = Buffer.from(mac, "base64url");
        const ours = macOf(body, key);
        return shown.length === ours.length && timingSafeEqual(shown, ours) ? content : null;
      } catch {
        return null;
      }
    },
  };
}

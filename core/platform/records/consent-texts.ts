import type { Tenants } from "../database/tenants.ts";

/** What people are asked to agree to, in one language, as it was at some time. Never changed: a change is a new version. */
export interface ConsentText {
  readonly kind: string;
  /** BCP 47, like `ja` or `en`. */
  readonly language: string;
  /** From 1. */
  readonly version: number;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface ConsentTexts {
  /** The latest of each kind and language. */
  current(org: string): Promise<ConsentText[]>;
  /** null: there is none. */
  find(org: string, kind: string, language: string, version: number): Promise<ConsentText | null>;
  /** Whether there is one. A version is never taken away, so it is looked up once. */
  has(
    org: string,
    kind: string,
    text: { readonly language: string; readonly version: number },
  ): Promise<boolean>;
  /** Makes the next version. The same text as the latest is no new one. */
  add(org: string, text: Pick<ConsentText, "kind" | "language" | "body">, by: string): Promise<ConsentText>;
}

const remembered = 10_000;
const columns = ["kind", "language", "version", "body", "created_at as createdAt"] as const;

export function createConsentTexts(tenants: Tenants, now: () => number): ConsentTexts {
  const latest = (org: string, kind: string, language: string) =>
    tenants(org)
      .selectFrom("consent_text")
      .select(columns)
      .where("org", "=", org)
      .where("kind", "=", kind)
      .where("language", "=", language)
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
  const find: ConsentTexts["find"] = async (org, kind, language, version) => {
    const row = await tenants(org)
      .selectFrom("consent_text")
      .select(columns)
      .where("org", "=", org)
      .where("kind", "=", kind)
      .where("language", "=", language)
      .where("version", "=", version)
      .executeTakeFirst();
    return row ?? null;
  };
  const there = new Set<string>();
  return {
    find,
    has: async (org, kind, { language, version }) => {
      const name = JSON.stringify([org, kind, language, version]);
      if (there.has(name)) return true;
      if (!(await find(org, kind, language, version))) return false;
      if (there.size >= remembered) there.clear();
      there.add(name);
      return true;
    },
    current: (org) =>
      tenants(org)
        .selectFrom("consent_text")
        .distinctOn(["kind", "language"])
        .select(columns)
        .where("org", "=", org)
        .orderBy("kind")
        .orderBy("language")
        .orderBy("version", "desc")
        .execute(),
    add: async (org, { kind, language, body }, by) => {
      for (;;) {
        const before = await latest(org, kind, language);
        if (before?.body === body) return before;
        const version = (before?.version ?? 0) + 1;
        const made = await tenants(org)
          .insertInto("consent_text")
          .values({ org, kind, language, version, body, created_at: now(), created_by: by })
          .onConflict((conflict) => conflict.doNothing())
          .returning(columns)
          .executeTakeFirst();
        // Somebody else has made that version at this moment: theirs is the one before.
        if (made) return made;
      }
    },
  };
}

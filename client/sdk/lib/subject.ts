/** Whom an access token speaks for: the `sub` of its claims, unverified. null when it cannot be told. */
export function subjectOf(token: string): string | null {
  const claims = token.split(".")[1];
  if (claims === undefined) return null;
  try {
    const parsed: unknown = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof parsed !== "object" || parsed === null || !("sub" in parsed)) return null;
    return typeof parsed.sub === "string" ? parsed.sub : null;
  } catch {
    return null;
  }
}

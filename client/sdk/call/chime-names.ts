/**
 * What a meeting of Amazon Chime knows this person by: the HMAC-SHA256 of their id under the session's key. The
 * server makes the same: media/chime/chime-place.ts.
 */
export async function chimeName(key: string, person: string): Promise<string> {
  const text = new TextEncoder();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", text.encode(key), hmac, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", imported, text.encode(person)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

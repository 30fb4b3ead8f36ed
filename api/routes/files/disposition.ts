/**
 * How a browser is to take what we send, and under which name: plain for those that read nothing else, and in full (RFC 6266, RFC 8187).
 */
export function disposition(how: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/gu, "_").replace(/["\\%]/g, "_");
  const full = encodeURIComponent(name).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${how}; filename="${plain}"; filename*=UTF-8''${full}`;
}

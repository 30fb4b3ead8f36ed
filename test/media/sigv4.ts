import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A request as it came, and whom it should come from. */
export interface Signed {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
const mustBeSigned = ["host", "x-amz-date", "x-amz-content-sha256"];
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** What is wrong with the signature of a request (AWS Signature Version 4), computed anew; null: nothing. */
export function signatureFault({ method, url, headers, body }: Signed, signer: Signer): string | null {
  const [, key, day = "", region, service, names = "", signature] =
    form.exec(headers.authorization ?? "") ?? [];
  if (key !== signer.accessKeyId) return "not signed by us";
  if (region !== signer.region || service !== signer.service) return `signed for ${region}/${service}`;
  const signed = names.split(";");
  if (!mustBeSigned.every((name) => signed.includes(name))) return `not all is signed: ${names}`;
  const time = String(headers["x-amz-date"]);
  if (!time.startsWith(day) || Math.abs(Date.now() - timeOf(time)) > 300_000) return `signed at ${time}`;
  const hash = sha256(body);
  if (headers["x-amz-content-sha256"] !== hash) return "the body is another one";
  const { pathname, searchParams } = new URL(url, "http://host");
  const canonical = [
    method,
    // Each part is encoded once more than it was sent.
    pathname.split("/").map(strictly).join("/"),
    [...searchParams]
      .map(([name, value]) => `${strictly(name)}=${strictly(value)}`)
      .sort()
      .join("&"),
    ...signed.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    names,
    hash,
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signing = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${signer.secretAccessKey}`, day));
  return hmac(signing, text).toString("hex") === signature ? null : "the signature is wrong";
}

function timeOf(time: string): number {
  return Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function strictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

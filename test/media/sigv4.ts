import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A request as it came, and whom it should come from. */
export interface Signed {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string | Buffer;
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
const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
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
  // Each part is encoded once more than it was sent; S3 alone takes it as it is.
  const path = signer.service === "s3" ? pathname : pathname.split("/").map(strictly).join("/");
  const asked = { method, path, query: [...searchParams], headers, names, hash, time, signature };
  return verdict(asked, signer);
}

const credentialForm = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/;

/** The same of a request to S3 that carries its signature in its query: `must` have been signed. */
export function presignedFault(
  { method, url, headers }: Omit<Signed, "body">,
  signer: Signer,
  must: readonly string[],
): string | null {
  const { pathname, searchParams } = new URL(url, "http://host");
  const value = (name: string): string => searchParams.get(`X-Amz-${name}`) ?? "";
  const [, key, day = "", region, service] = credentialForm.exec(value("Credential")) ?? [];
  if (value("Algorithm") !== "AWS4-HMAC-SHA256" || key !== signer.accessKeyId) return "not signed by us";
  if (region !== signer.region || service !== signer.service) return `signed for ${region}/${service}`;
  const names = value("SignedHeaders");
  if (!must.every((name) => names.split(";").includes(name))) return `not all is signed: ${names}`;
  const time = value("Date");
  const since = Date.now() - timeOf(time);
  if (!time.startsWith(day) || since < -300_000) return `signed at ${time}`;
  if (since > Number(value("Expires")) * 1_000) return "the address has expired";
  const query = [...searchParams].filter(([name]) => name !== "X-Amz-Signature");
  const signature = value("Signature");
  return verdict(
    { method, path: pathname, query, headers, names, hash: "UNSIGNED-PAYLOAD", time, signature },
    signer,
  );
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: IncomingHttpHeaders;
  /** Of the headers that are signed. */
  readonly names: string;
  /** Of the body. */
  readonly hash: string;
  readonly time: string;
  readonly signature: string | undefined;
}

function verdict(
  { method, path, query, headers, names, hash, time, signature }: Asked,
  { region, service, secretAccessKey }: Signer,
): string | null {
  const canonical = [
    method,
    path,
    query
      .map(([name, value]) => `${strictly(name)}=${strictly(value)}`)
      .sort()
      .join("&"),
    ...names.split(";").map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    names,
    hash,
  ].join("\n");
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signing = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
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

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { presignedFault, signatureFault } from "../media/sigv4.ts";

export const s3Credentials = { accessKeyId: "AKIDOFTHETEST", secretAccessKey: "secret-of-the-test-4711" };
export const s3Region = "ap-northeast-1";
export const s3Bucket = "clinic-objects";

/** `slow`: 503 SlowDown; `silence`: no answer; `broken`: 500. */
type Trouble = "slow" | "silence" | "broken";

const signer = { ...s3Credentials, region: s3Region, service: "s3" };
/** What makes a presigned PUT good for one content alone. */
const uploadHeaders = ["host", "content-length", "content-type", "x-amz-checksum-sha256"];
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("base64");

/** Amazon S3 as far as we use it, with paths that begin with the bucket, on a port of this machine. It checks every signature. */
export class S3Server {
  readonly objects = new Map<string, { readonly bytes: Buffer; readonly type: string | undefined }>();
  /** What was wrong with requests that came. */
  readonly faults: string[] = [];
  /** How the next requests are answered instead. */
  readonly instead: Trouble[] = [];
  /** How all of them are. */
  trouble: Trouble | null = null;
  asked = 0;
  /** So that there is a second page to ask for. */
  pageSize = 3;
  url = "";
  private readonly server = createServer((request, response) => void this.take(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const address = this.server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    return this.url;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = "", url = "", headers } = request;
    this.asked += 1;
    const instead = this.instead.shift() ?? this.trouble;
    if (instead === "silence") return;
    if (instead === "slow") return void refuse(response, 503, "SlowDown");
    if (instead === "broken") return void refuse(response, 500, "InternalError");
    const address = new URL(url, "http://host");
    const presigned = address.searchParams.has("X-Amz-Signature");
    const wrong = presigned
      ? presignedFault({ method, url, headers }, signer, method === "PUT" ? uploadHeaders : ["host"])
      : signatureFault({ method, url, headers, body }, signer);
    if (wrong) {
      this.faults.push(`${method} ${address.pathname}: ${wrong}`);
      return void refuse(response, 403, presigned ? "AccessDenied" : "SignatureDoesNotMatch");
    }
    const [, bucket, ...rest] = address.pathname.split("/");
    if (bucket !== s3Bucket) return void refuse(response, 404, "NoSuchBucket");
    this.answer(
      method,
      rest.map(decodeURIComponent).join("/"),
      address.searchParams,
      headers,
      body,
      response,
    );
  }

  private answer(
    method: string,
    key: string,
    query: URLSearchParams,
    headers: IncomingMessage["headers"],
    body: Buffer,
    response: ServerResponse,
  ): void {
    if (method === "PUT") {
      const promised = headers["x-amz-checksum-sha256"];
      if (promised === undefined) this.faults.push(`PUT ${key}: no checksum`);
      if (promised !== sha256(body)) return void refuse(response, 400, "BadDigest");
      this.objects.set(key, { bytes: body, type: headers["content-type"] });
      return void response.writeHead(200, { etag: '"0"' }).end();
    }
    if (method === "GET" && key === "") return void this.list(query, response);
    if (method === "GET") {
      const found = this.objects.get(key);
      if (!found) return void refuse(response, 404, "NoSuchKey");
      const checked = { "x-amz-checksum-sha256": sha256(found.bytes) };
      return void response
        .writeHead(200, { ...checked, "content-length": found.bytes.length })
        .end(found.bytes);
    }
    if (method === "POST" && query.has("delete")) {
      if (!Object.keys(headers).some((name) => name === "content-md5" || name.startsWith("x-amz-checksum-")))
        return void refuse(response, 400, "InvalidRequest");
      for (const [, name = ""] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) this.objects.delete(name);
      return void response.writeHead(200, xml).end("<DeleteResult/>");
    }
    this.faults.push(`${method} ${key}: not taken here`);
    refuse(response, 405, "MethodNotAllowed");
  }

  private list(query: URLSearchParams, response: ServerResponse): void {
    if (query.get("list-type") !== "2") return void refuse(response, 400, "InvalidArgument");
    const after = query.get("continuation-token") ?? "";
    const left = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after)
      .sort();
    const shown = left.slice(0, this.pageSize);
    const more = left.length > shown.length;
    const next = more ? `<NextContinuationToken>${shown.at(-1)}</NextContinuationToken>` : "";
    const contents = shown
      .map(
        (key) => `<Contents><Key>${key}</Key><Size>${this.objects.get(key)?.bytes.length}</Size></Contents>`,
      )
      .join("");
    response
      .writeHead(200, xml)
      .end(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`);
  }
}

const xml = { "content-type": "application/xml" } as const;

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, xml).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

import { createHash, randomUUID } from "node:crypto";
import { vi } from "vitest";
import type { Clinic } from "../rooms/clinic.ts";

/** A file as the API shows it. */
export interface View {
  readonly [field: string]: unknown;
}

/** What people do with files, over HTTP. */
export function fileFlow(clinic: Clinic) {
  const announce = async (
    who: string,
    room: string,
    content: Buffer,
    type: string,
    name: string,
    kind = "chat",
  ) =>
    clinic.rest("POST", "/v1/files", await clinic.token(who), {
      room: { kind, id: room },
      ...{ name, type, bytes: content.length },
      sha256: createHash("sha256").update(content).digest("hex"),
    });
  /** PUTs the bytes as the answer to the announcement says. */
  const put = async (upload: unknown, content: Buffer, changed: Readonly<Record<string, string>> = {}) => {
    const { url, headers } = uploadOf(upload);
    const body = new Uint8Array(content);
    const response = await fetch(new URL(url, clinic.url), {
      method: "PUT",
      body,
      headers: { ...headers, ...changed },
    });
    return response.status;
  };
  const view = async (who: string, id: string) =>
    clinic.rest("GET", `/v1/files/${id}`, await clinic.token(who));
  const settled = (who: string, id: string) =>
    vi.waitFor(
      async () => {
        const { body } = await view(who, id);
        if (body.state !== "clean" && body.state !== "rejected")
          throw new Error(`still ${String(body.state)}`);
        return body;
      },
      { timeout: 20_000, interval: 50 },
    );
  /** Announces and sends it. */
  const send = async (
    who: string,
    room: string,
    content: Buffer,
    type: string,
    name: string,
    kind = "chat",
  ) => {
    const { status, body } = await announce(who, room, content, type, name, kind);
    if (status !== 201) throw new Error(`announced: ${status} ${String(body.code)}`);
    const id = String(body.id);
    const sent = await put(body.upload, content);
    if (sent >= 300) throw new Error(`sent: ${sent}`);
    await clinic.rest("POST", `/v1/files/${id}/complete`, await clinic.token(who));
    return id;
  };
  const attach = async (
    who: string,
    room: string,
    attachments: readonly string[],
    kind = "chat",
    body = "",
  ) =>
    clinic.rest("POST", `/v1/rooms/${kind}/${room}/commands`, await clinic.token(who), {
      name: "chat.send",
      payload: { id: randomUUID(), body, attachments },
    });
  const link = async (who: string, id: string, variant = "download") =>
    clinic.rest("POST", `/v1/files/${id}/links`, await clinic.token(who), { variant });
  const get = (url: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(new URL(String(url), clinic.url), { headers });
  return { announce, put, view, settled, send, attach, link, get };
}

export function uploadOf(upload: unknown): { url: string; headers: Record<string, string> } {
  if (typeof upload !== "object" || upload === null || !("url" in upload) || !("headers" in upload))
    throw new Error("no upload");
  const headers = Object.entries(upload.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return { url: String(upload.url), headers: Object.fromEntries(headers) };
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowedRevisions, entityTag, isKnown } from "../../api/http/revisions.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

describe("If-Match and If-None-Match", () => {
  const tag = entityTag("r1", { shown: 1 });

  test("a tag tells revisions and what is shown apart", () => {
    expect(tag).toMatch(/^"r1\.[\w-]{16}"$/);
    expect(entityTag("r1", { shown: 2 })).not.toBe(tag);
    expect(isKnown(tag, tag)).toBe(true);
    expect(isKnown(`"other", W/${tag}`, tag)).toBe(true);
    expect(isKnown("*", tag)).toBe(true);
    expect(isKnown(entityTag("r1", { shown: 2 }), tag)).toBe(false);
    expect(isKnown(undefined, tag)).toBe(false);
  });

  test("If-Match allows the revisions it names, and a weak tag none", () => {
    expect(allowedRevisions(undefined, false)).toBeNull();
    expect(allowedRevisions("*", true)).toBeNull();
    expect(allowedRevisions(`${tag}, "r2.abc"`, true)).toEqual(["r1", "r2"]);
    expect(allowedRevisions(`W/${tag}`, true)).toEqual([]);
    expect(() => allowedRevisions(undefined, true)).toThrow(/If-Match/);
    for (const header of ["r1", '"', '"a"b', "", `${'"a",'.repeat(20)}"a"`]) {
      expect(() => allowedRevisions(header, false)).toThrow(/If-Match/);
    }
  });
});

describe("an organisation's media order", () => {
  const path = "/v1/media/order";
  let api: ApiFixture;
  let token = "";
  beforeAll(async () => {
    api = await startApi();
    token = await api.token("admin");
  });
  afterAll(() => api.close());

  const get = (headers: Readonly<Record<string, string>> = {}) => api.call("GET", path, { token, headers });
  const put = (order: unknown, ifMatch?: string) =>
    api.call("PUT", path, {
      token,
      body: { order },
      headers: ifMatch === undefined ? {} : { "if-match": ifMatch },
    });
  const current = async () => (await get()).headers.get("etag") ?? "";

  test("is not sent again to whoever has it", async () => {
    const etag = await current();
    const again = await get({ "if-none-match": etag });
    expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
    await put(["peer"]);
    expect((await get({ "if-none-match": etag })).status).toBe(200);
  });

  test.each([
    ["from a choice to another", ["peer"], (n: number) => (n % 2 ? ["chime"] : ["chime", "peer"])],
    ["from none to one", null, (n: number) => (n % 2 ? ["chime"] : ["peer"])],
    ["from a choice to none", ["peer"], () => null],
  ])("of eight who change it at once, %s, one does", async (_, before, after) => {
    await put(before);
    const etag = await current();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => put(after(n), etag)));
    const done = answers.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    for (const { status, body } of answers) if (status !== 200) expect(body.code).toBe("precondition_failed");
    expect((await get()).body).toEqual(done[0]?.body);
    expect(done[0]?.headers.get("etag")).toBe(await current());
  });

  test("what is no ETag is refused, a weak one matches nothing, * everything", async () => {
    expect((await put(["peer"], "peer")).body.code).toBe("invalid_payload");
    expect((await put(["peer"], `W/${await current()}`)).body.code).toBe("precondition_failed");
    expect((await put(["peer"], "*")).status).toBe(200);
  });
});

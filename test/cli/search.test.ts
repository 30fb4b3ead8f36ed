import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "../api/start-api.ts";
import { type Circumstances, hugmedo, plain } from "./support.ts";

let api: ApiFixture;
let token: string;
beforeAll(async () => {
  api = await startApi();
  token = await api.token("operator");
}, 120_000);
afterAll(() => api.close());

const run = (line: string, more: Partial<Circumstances> = {}) =>
  hugmedo(line, { url: api.url, credentials: { token }, ...more });

test("search rebuild waits until the new index is in use, and says how far it is", async () => {
  const { exitCode, out, err } = await run("search rebuild", { tty: "plain" });
  expect(plain(out)).toMatch(/^The search index was made anew in .+: searches look into build 2\.\n$/);
  expect(plain(err)).toMatch(/33 % of the journal read[\s\S]*66 % of the journal read/);
  expect(exitCode).toBe(0);
  const { json } = await run("search rebuild --json");
  expect(json).toMatchObject({ ok: true, generation: 2, done: true, seconds: expect.any(Number) });
});

test("search rebuild need not be waited for, and is not for ever", async () => {
  expect(await run("search rebuild --no-wait --json")).toMatchObject({
    exitCode: 0,
    json: { ok: true, generation: 2, done: false },
  });
  const late = await run("search rebuild --timeout 0.000001 --json");
  expect(late).toMatchObject({
    exitCode: 4,
    json: { ok: false, error: { code: "timed_out" }, generation: 2 },
  });
  expect(late.err).toContain("It goes on: hugmedo search rebuild");
});

test("search rebuild is for operators", async () => {
  const { exitCode, err } = await run("search rebuild", { credentials: { token: await api.token("admin") } });
  expect([exitCode, plain(err)]).toEqual([1, "You may not do this: it takes the role operator.\n"]);
});

test("search has help, and says what there is", async () => {
  expect((await run("search rebuild --help")).out).toContain("hugmedo search rebuild [options]");
  expect((await run("--help")).out).toMatch(/hugmedo search rebuild +make the search index anew/);
  const { exitCode, err } = await run("search find");
  expect([exitCode, err]).toEqual([2, expect.stringContaining("hugmedo search rebuild")]);
  expect((await run("search rebuild now")).exitCode).toBe(2);
});

import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLogger } from "./logger.ts";

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  const destination = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  write(createLogger({ level: "info", destination }));
  return text;
}

describe("the log", () => {
  it("shows nothing private or secret, however deep it is", () => {
    const secret = "geheim";
    const text = logged((log) => {
      log.info({ token: secret, req: { headers: { authorization: secret, cookie: secret } } }, "one");
      log.info({ payload: { body: secret, nested: { password: secret } }, name: secret }, "two");
      log.info({ refresh_token: secret, user: { access_token: secret } }, "three");
    });
    expect(text).toContain("three");
    expect(text).not.toContain(secret);
  });

  it("keeps of an error what helps, and not the row that a driver put into it", () => {
    const error = Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (body)=(geheim)" });
    const text = logged((log) => log.error({ err: error }, "failed"));
    expect(text).toContain("23505");
    expect(text).toContain("duplicate key");
    expect(text).not.toContain("geheim");
  });
});

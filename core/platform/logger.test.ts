import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLogger, type LoggerOptions, roomLogger } from "./logger.ts";

function logged(
  write: (log: ReturnType<typeof createLogger>) => void,
  options: Partial<LoggerOptions> = {},
): string {
  let text = "";
  const destination = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  write(createLogger({ level: "info", destination, ...options }));
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

  it("names the process in every line, and of a room its address and the epoch that it has then", () => {
    let epoch = 3;
    const text = logged(
      (log) => {
        log.info("up");
        const room = roomLogger(log, { kind: "waiting", id: "desk-1" }, () => epoch);
        room().info("woken");
        epoch = 4;
        room().info("claimed again");
        room().info("and on");
      },
      { process: "0123456789ab-cdef01" },
    );
    const lines = text.trim().split("\n");
    const room = { kind: "waiting", id: "desk-1", process: "0123456789ab-cdef01" };
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: "up", process: "0123456789ab-cdef01" },
      { msg: "woken", epoch: 3, ...room },
      { msg: "claimed again", epoch: 4, ...room },
      { msg: "and on", epoch: 4, ...room },
    ]);
    // Each of them once: a key that stands twice is read by some tools as the first, by others as the last.
    for (const line of lines) expect(line.match(/"epoch"/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it("keeps of an error what helps, and not the row that a driver put into it", () => {
    const error = Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (body)=(geheim)" });
    const text = logged((log) => log.error({ err: error }, "failed"));
    expect(text).toContain("23505");
    expect(text).toContain("duplicate key");
    expect(text).not.toContain("geheim");
  });
});

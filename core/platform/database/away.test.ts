import { expect, test } from "vitest";
import { DomainError } from "../../domain/errors.ts";
import { asUnavailable } from "./away.ts";

const failing = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {});

test.each([
  failing("connect ECONNREFUSED 127.0.0.1:5432", "ECONNREFUSED"),
  failing("read ECONNRESET", "ECONNRESET"),
  failing("the database system is starting up", "57P03"),
  failing("terminating connection due to administrator command", "57P01"),
  failing("sorry, too many clients already", "53300"),
  failing("canceling statement due to statement timeout", "57014"),
  failing("Connection terminated unexpectedly"),
  failing("timeout exceeded when trying to connect"),
])("%s: may be tried again, and says nothing of how", (error) => {
  const seen = asUnavailable(error);
  expect(seen).toMatchObject({ code: "unavailable", retryAfterMs: 500, cause: error });
  expect(JSON.stringify(seen instanceof DomainError && seen.toRejection())).not.toContain(error.message);
});

test.each([
  failing("duplicate key value", "23505"),
  failing("relation does not exist", "42P01"),
  new DomainError("busy"),
  "nothing",
])("%s stays as it is", (error) => {
  expect(asUnavailable(error)).toBe(error);
});

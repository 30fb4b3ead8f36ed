import { createServer } from "node:net";
import { expect, it } from "vitest";
import { startServer } from "./support/server.ts";

it.each([
  [{ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, /The database of DATABASE_URL cannot be reached/],
  [{ NODE_ENV: "production", DEMO: "1" }, /DEMO: demo accounts are refused/],
  [{ DATABASE_POOL: "many" }, /DATABASE_POOL: /],
])("a start that cannot succeed ends at once and says what to do: %o", async (env, words) => {
  await expect(startServer({ env })).rejects.toThrow(words);
});

it("so does a start on a port that is taken", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, () => {
      const address = other.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  await expect(startServer({ port })).rejects.toThrow(/Another program uses this port/);
  other.close();
});

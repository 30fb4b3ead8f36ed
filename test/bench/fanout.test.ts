import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const bench = fileURLToPath(new URL("../../bench/run.ts", import.meta.url));

test("the shipped server and the baselines deliver everything, and the last line says so in JSON", async () => {
  const only = "hugmedo,ws,colyseus,socket.io";
  const flags = ["--quick", "--no-ladder", "--rates", "400", "--seconds", "1", "--only", only, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "fanout", ...flags]);
  const { rounds, ratios } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(Object.keys(rounds[0].outcomes).sort()).toEqual(only.split(",").sort());
  for (const { rates } of Object.values<{ rates: object[] }>(rounds[0].outcomes)) {
    expect(rates).toHaveLength(1);
    expect(rates[0]).toMatchObject({ unsent: 0, missing: 0, duplicates: 0, refused: 0, unanswered: 0 });
    expect(rates[0]).toMatchObject({ deliveries: expect.toSatisfy((count: number) => count > 2000) });
  }
  expect(Object.keys(ratios)).toEqual([
    "durableTax",
    "frameworkTax",
    "sustainedVsColyseus",
    "sustainedVsSocketIo",
  ]);
}, 180_000);

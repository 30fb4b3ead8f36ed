import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../test/support/processes.ts";
import { percentile } from "./statistics.ts";

/**
 * How long this machine's disk takes to make 8 KB durable, in milliseconds, on the file system that holds
 * the temporary databases.
 */
export function probeFdatasync(tries = 200): { readonly median: number; readonly p99: number } {
  const folder = temporaryFolder("fdatasync");
  const file = openSync(join(folder.path, "probe"), "w");
  const block = Buffer.alloc(8192, 1);
  // As a write-ahead log does: the file exists in full before it is written over.
  for (let i = 0; i < 256; i++) writeSync(file, block, 0, block.length, i * block.length);
  fdatasyncSync(file);
  const times = Array.from({ length: tries }, (_, i) => {
    const start = performance.now();
    writeSync(file, block, 0, block.length, (i % 256) * block.length);
    fdatasyncSync(file);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  closeSync(file);
  folder.remove();
  return { median: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

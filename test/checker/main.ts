/**
 * Checks recorded histories offline: `node test/checker/main.ts <file.jsonl>…`
 * Prints the shortest stories and the verdict; exits 1 when something is wrong.
 */
import { readFileSync } from "node:fs";
import { check, report, verdict } from "./check.ts";
import { parseHistory } from "./history.ts";

const lines = process.argv.slice(2).flatMap((file) => parseHistory(readFileSync(file, "utf8")));
const violations = check(lines);
console.log(report(violations));
console.log(JSON.stringify(verdict(lines, violations)));
process.exitCode = violations.length === 0 ? 0 : 1;

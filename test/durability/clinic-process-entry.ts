/**
 * The product without its page, whose clock is so much ahead: `clinic-process-entry.ts <ms> [fault]`. Its parent
 * tells it which appends are to stay; it ends with its parent.
 */
import { startServer } from "../../app/server.ts";
import { roomKey } from "../../core/domain/room.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { createGroupCommit } from "../../core/platform/journal/group-commit.ts";
import type { ProcessOrder, ProcessReport } from "./clinic-process.ts";
import { faults, isFault } from "./faults.ts";
import { Holds } from "./holds.ts";

const [aheadMs, fault] = process.argv.slice(2);
if (fault !== undefined && !isFault(fault)) throw new Error(`there is no fault "${fault}"`);
const holds = new Holds();

function tell(report: ProcessReport): void {
  process.send?.(report);
}

const server = await startServer(loadConfig(), {
  overrides: {
    ...(fault === undefined ? {} : faults[fault]),
    clock: ({ now }) => ({ now: () => now() + Number(aheadMs) }),
    commits: (journal) => holds.wrap(createGroupCommit(journal)),
  },
});

process.on("message", (order: ProcessOrder) => {
  if (order.does === "close") {
    void server.close().then(() => process.exit());
    return;
  }
  const { id, type, side, room } = order;
  void holds
    .add({ type, side, of: ({ ref }) => roomKey(ref).startsWith(room) })
    .then(() => tell({ is: "held", id }));
  tell({ is: "set", id });
});
process.on("disconnect", () => process.exit());
tell({ is: "listening", port: server.port });

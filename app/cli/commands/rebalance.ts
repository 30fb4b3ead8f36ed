import type { RebalancePlan } from "../../../core/protocol/cluster.ts";
import type { Command, Tools } from "../command.ts";
import { exitCodes, Failure } from "../failure.ts";
import { listRooms } from "../list-rooms.ts";
import type { Rest, RoomAddress } from "../rest.ts";
import { table } from "../table.ts";
import { createCountdown, paceOf, patienceOf, waitFor, waitOptionHelp, waitOptions } from "../waiting.ts";
import { counted, duration, number } from "../words.ts";

/** Moves that a person is shown. */
const shownMoves = 10;
/** When nothing has moved for so long, what is left will not (looks). */
const patientLooks = 20;

export const rebalance: Command = {
  group: "cluster",
  name: "rebalance",
  takes: "",
  arguments: [0, 0],
  summary: "even out the rooms over the processes",
  details: `By the fewest moves after which no two processes are further apart than one room or a tenth of the
average. Draining processes are emptied. Waits until it is done. Ctrl-C ends the waiting, not the moves.`,
  options: { "dry-run": { type: "boolean" }, ...waitOptions },
  optionHelp: [["--dry-run", "only show what would be moved"], ...waitOptionHelp],
  examples: ["hugmedo cluster rebalance --dry-run", "hugmedo cluster rebalance"],
  run: async (given, tools) => {
    const { rest, terminal } = tools;
    const patienceMs = patienceOf(given);
    const dryRun = given.options["dry-run"] === true;
    const plan = await rest.rebalance({ dryRun });
    if (plan.moves.length === 0)
      return {
        text: `${describe(plan)}\n\nThere is nothing to move.`,
        json: { ...plan, done: true, moved: 0 },
      };
    if (dryRun) return { text: `${describe(plan)}\n\nNothing was moved: this was a dry run.`, json: plan };
    if (patienceMs === null) {
      const text = `${describe(plan)}\n\nIt has begun. See how far it is: hugmedo cluster watch`;
      return { text, json: { ...plan, done: false } };
    }
    if (!given.json) terminal.print(`${describe(plan)}\n`);
    return awaitMoves(plan, patienceMs, tools);
  },
};

/** A move is over when its room is not any more where it was. */
async function awaitMoves(plan: RebalancePlan, patienceMs: number, tools: Tools) {
  const { rest, terminal, now, lookEveryMs } = tools;
  const countdown = createCountdown(now, "moved");
  countdown.look(plan.moves.length);
  const detail = () => ({ planned: plan.moves.length, moved: countdown.done, left: countdown.left });
  const look = async () => {
    const line = countdown.look(await countLeft(plan, rest));
    if (countdown.left === 0) return true;
    terminal.progress(line);
    if (countdown.stalledMs > patientLooks * lookEveryMs) throw stalled(countdown.left, detail());
    return undefined;
  };
  await waitFor(tools, patienceMs, look, () => ({
    message: `${counted(countdown.left, "room")} still to move after ${duration(patienceMs)}. It goes on: hugmedo cluster watch`,
    detail: detail(),
  }));
  const { done: moved, elapsedMs } = countdown;
  return {
    text: `Done: ${paceOf(moved, "moved", elapsedMs)}.`,
    json: { ...plan, done: true, moved, seconds: elapsedMs / 1_000 },
  };
}

async function countLeft({ moves }: RebalancePlan, rest: Rest): Promise<number> {
  let left = 0;
  for (const [process, leaving] of Map.groupBy(moves, ({ from }) => from)) {
    const there = new Set((await listRooms(rest, { process })).found.map(addressOf));
    left += leaving.filter((room) => there.has(addressOf(room))).length;
  }
  return left;
}

function addressOf({ kind, id }: RoomAddress): string {
  return `${kind}/${id}`;
}

function stalled(left: number, detail: object): Failure {
  const message =
    `${counted(left, "room")} did not move: patients are on the way into or out of them, or the process they were to go to does not take them. ` +
    "Run it again in a few seconds.";
  return new Failure(exitCodes.failed, "stalled", message, detail);
}

function describe({ processes, moves }: RebalancePlan): string {
  const parts = [
    table(
      [
        { title: "PROCESS", cell: ({ id }) => id },
        { title: "ROOMS", right: true, cell: ({ rooms }) => number(rooms) },
        { title: "AFTER", right: true, cell: ({ after }) => number(after) },
        { title: "CHANGE", right: true, cell: ({ rooms, after }) => signed(after - rooms) },
      ],
      processes,
    ),
  ];
  if (moves.length > 0)
    parts.push(
      table<RebalancePlan["moves"][number]>(
        [
          { title: "ROOM", cell: addressOf },
          { title: "FROM", cell: ({ from }) => from },
          { title: "TO", cell: ({ to }) => to },
        ],
        moves.slice(0, shownMoves),
      ),
    );
  const more = moves.length - shownMoves;
  return `${parts.join("\n\n")}${more > 0 ? `\n… and ${number(more)} more (--json has them all)` : ""}`;
}

function signed(change: number): string {
  return change > 0 ? `+${number(change)}` : change < 0 ? `−${number(-change)}` : "";
}

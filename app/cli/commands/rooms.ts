import type { ClusterRoom } from "../../../core/protocol/cluster.ts";
import { roomParams } from "../../../core/protocol/rest.ts";
import type { Command } from "../command.ts";
import { usage } from "../failure.ts";
import { findProcess } from "../find-process.ts";
import { listRooms } from "../list-rooms.ts";
import { table } from "../table.ts";
import { counted } from "../words.ts";

export const rooms: Command = {
  group: "cluster",
  name: "rooms",
  takes: "[process]",
  arguments: [0, 1],
  summary: "which rooms there are, and where; of one process if you name it",
  details: `A room that nobody is in sleeps, and is on no process. EPOCH counts how often the room has woken or moved.`,
  options: { kind: { type: "string" }, limit: { type: "string" } },
  optionHelp: [
    ["--kind <kind>", "only chat, waiting or consultation"],
    ["--limit <n>", "how many at most (100)"],
  ],
  examples: ["hugmedo cluster rooms 0a1b", "hugmedo cluster rooms --kind waiting"],
  run: async ({ arguments: [given], options }, { rest }) => {
    const kind = kindOf(options.kind);
    const limit = limitOf(options.limit);
    const process = given === undefined ? undefined : findProcess(await rest.processes(), given).id;
    const { found, more } = await listRooms(rest, { process, kind }, limit);
    return { text: describe(found, more), json: { rooms: found, more } };
  },
};

function describe(found: readonly ClusterRoom[], more: boolean): string {
  if (found.length === 0) return "There are no such rooms.";
  const rows = table(
    [
      { title: "ROOM", cell: ({ kind, id }) => `${kind}/${id}` },
      { title: "PROCESS", cell: ({ process }) => process ?? "asleep" },
      { title: "EPOCH", right: true, cell: ({ epoch }) => String(epoch) },
    ],
    found,
  );
  return `${rows}\n\n${counted(found.length, "room")}${more ? ", and there are more: see --limit." : "."}`;
}

function kindOf(given: string | boolean | undefined): string | undefined {
  if (given === undefined) return undefined;
  const kind = roomParams.shape.kind.safeParse(given);
  if (!kind.success) throw usage("--kind takes chat, waiting or consultation.");
  return kind.data;
}

function limitOf(given: string | boolean | undefined): number {
  const limit = Number(given ?? 100);
  if (!Number.isInteger(limit) || limit < 1) throw usage("--limit takes a whole number from 1 on.");
  return limit;
}

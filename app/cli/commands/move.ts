import { roomParams } from "../../../core/protocol/rest.ts";
import type { Command } from "../command.ts";
import { exitCodes, Failure, usage } from "../failure.ts";
import { findProcess } from "../find-process.ts";
import type { RoomAddress } from "../rest.ts";
import { counted } from "../words.ts";

export const move: Command = {
  group: "cluster",
  name: "move",
  takes: "<kind>/<id>",
  arguments: [1, 1],
  summary: "move one room to another process",
  details: `With the people in it, who notice nothing. While a patient is on the way into or out of the room it is
refused (room_fragile): try again in a few seconds, or --force it.`,
  options: { to: { type: "string" }, force: { type: "boolean" } },
  optionHelp: [
    ["--to <process>", "where to; else where there is most room"],
    ["--force", "also while a patient is on the way into or out of it"],
  ],
  examples: ["hugmedo cluster move waiting/demo", "hugmedo cluster move chat/demo --to c0ff"],
  run: async ({ arguments: [given = ""], options }, { rest, signal }) => {
    const room = addressOf(given);
    const target = typeof options.to === "string" ? options.to : null;
    const to = target === null ? null : findProcess(await rest.processes(), target).id;
    const moved = await rest.move(room, { to, force: options.force === true }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw explain(error, given);
    });
    const waited = `no request waited longer than ${Math.ceil(moved.pauseMs)} ms`;
    const seats = counted(moved.seats, "connection");
    return {
      text: `${given} moved from ${moved.from} to ${moved.to}: ${seats} with it, ${waited}.`,
      json: moved,
    };
  },
};

function addressOf(given: string): RoomAddress {
  const [kind, id, ...more] = given.split("/");
  const address = roomParams.safeParse({ kind, id });
  if (more.length === 0 && address.success) return address.data;
  throw usage(`${given} is no room: write it as chat/<id>, waiting/<id> or consultation/<id>.`);
}

function explain(error: unknown, room: string): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.code === "room_not_found")
    return new Failure(error.exitCode, error.code, `There is no room ${room}.`);
  if (error.exitCode !== exitCodes.unreachable) return error;
  const message = `${error.message} Whether the room has moved is not known. See: hugmedo cluster rooms`;
  return new Failure(error.exitCode, error.code, message);
}

import type { ClusterProcess } from "../../../core/protocol/cluster.ts";
import type { Command, Tools } from "../command.ts";
import { exitCodes, Failure } from "../failure.ts";
import { findProcess } from "../find-process.ts";
import {
  type Countdown,
  createCountdown,
  paceOf,
  patienceOf,
  waitFor,
  waitOptionHelp,
  waitOptions,
} from "../waiting.ts";
import { counted, duration } from "../words.ts";

export const drain: Command = {
  group: "cluster",
  name: "drain",
  takes: "<process>",
  arguments: [1, 1],
  summary: "empty a process, so that it can be stopped",
  details: `It takes no new rooms from now on, and hands those it has to the others, with the people in them, who
notice nothing. Waits until it is empty. Ctrl-C ends the waiting, not the drain: undrain ends that.
The beginning of a process's id is enough. A process that is told to end (SIGTERM) drains by itself.`,
  options: waitOptions,
  optionHelp: waitOptionHelp,
  examples: ["hugmedo cluster drain 0a1b", "hugmedo cluster drain 0a1b --timeout 60 --json"],
  run: async (given, tools) => {
    const { rest, terminal } = tools;
    const patienceMs = patienceOf(given);
    const processes = await rest.processes();
    const { id } = findProcess(processes, given.arguments[0] ?? "");
    const begun = await rest.drain(id);
    if (begun.rooms > 0 && !processes.some((one) => one.state === "up" && one.id !== id))
      terminal.note(
        "No other process takes rooms: start one, or undrain one. Until then they stay where they are.",
      );
    if (patienceMs === null) {
      const text = `${id} drains: ${counted(begun.rooms, "room")} to go. See how far it is: hugmedo cluster watch`;
      return { text, json: { process: begun, done: false } };
    }
    return awaitDrained(id, patienceMs, tools);
  },
};

async function awaitDrained(id: string, patienceMs: number, tools: Tools) {
  const { rest, terminal, now } = tools;
  const countdown = createCountdown(now, "gone");
  const look = async (): Promise<{ process: ClusterProcess | null } | undefined> => {
    const process = (await rest.processes()).find((one) => one.id === id) ?? null;
    if (process === null) return { process };
    const empty = process.rooms === 0 && (await isEmpty(id, tools));
    const line = countdown.look(process.rooms);
    if (empty) return { process };
    refuseOthersWill(process, countdown);
    terminal.progress(`${id}  ${line}${stallOf(countdown)}`);
    return undefined;
  };
  const unfinished = () => ({
    message:
      `${id} still has ${counted(countdown.left, "room")} after ${duration(patienceMs)}. It goes on draining. What is ` +
      `left: hugmedo cluster rooms ${id}. A room that does not go by itself: hugmedo cluster move <kind>/<id> --force`,
    detail: { process: { id, rooms: countdown.left }, left: countdown.left, moved: countdown.done },
  });
  const { process } = await waitFor(tools, patienceMs, look, unfinished);
  const { done: moved, elapsedMs } = countdown;
  const end = process === null ? "It has ended." : "It can be stopped.";
  return {
    text: `${id} is drained: ${paceOf(moved, "gone", elapsedMs)}. ${end}`,
    json: { process: process ?? { id, state: "ended" }, done: true, moved, seconds: elapsedMs / 1_000 },
  };
}

/** What it says of itself may be a second old; who has which room is told apart from that. */
async function isEmpty(id: string, { rest }: Tools): Promise<boolean> {
  return (await rest.rooms({ process: id, limit: 1 })).items.length === 0;
}

function refuseOthersWill({ id, state, rooms }: ClusterProcess, { done: moved }: Countdown): void {
  const detail = { process: { id, state, rooms }, moved };
  if (state === "gone") {
    const message = `${id} died while it drained, with ${counted(rooms, "room")}: the others take them by themselves.`;
    throw new Failure(exitCodes.failed, "process_gone", message, detail);
  }
  if (state === "up")
    throw new Failure(exitCodes.failed, "undrained", `Somebody has ended the drain of ${id}.`, detail);
}

function stallOf({ stalledMs }: Countdown): string {
  return stalledMs > 15_000 ? ` · nothing has moved for ${duration(stalledMs)}` : "";
}

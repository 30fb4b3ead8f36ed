import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterProcess } from "../../../core/protocol/cluster.ts";
import type { Command, Tools } from "../command.ts";
import { Failure, usage } from "../failure.ts";
import { describeProcesses, stateOf } from "../process-table.ts";
import { clock, counted, number } from "../words.ts";

/** Changes that stay on the screen. */
const shownChanges = 10;

export const watch: Command = {
  group: "cluster",
  name: "watch",
  takes: "",
  arguments: [0, 0],
  summary: "the same, live, and what changes; Ctrl-C ends it",
  details: `CHANGE is by how many rooms since the last look. A server that does not answer is waited for. Where the
output is no terminal, it is a line for each change; with --json, an object for each look.`,
  options: { interval: { type: "string" } },
  optionHelp: [["--interval <seconds>", "between two looks (1)"]],
  examples: ["hugmedo cluster watch", "hugmedo cluster watch --json | jq -c '[.processes[].rooms]'"],
  run: async ({ options, json }, tools) => {
    const everyMs = options.interval === undefined ? tools.lookEveryMs : intervalOf(options.interval);
    const view = json ? jsonView(tools) : tools.terminal.live ? screenView(tools) : logView(tools);
    while (!tools.signal.aborted) {
      await tools.rest.processes().then(view.seen, (error: unknown) => {
        if (tools.signal.aborted) return;
        if (!(error instanceof Failure) || !passing(error)) throw error;
        view.missed(error);
      });
      await sleep(everyMs, undefined, { signal: tools.signal }).catch(() => {});
    }
    return null;
  },
};

/** Not who asks, and what for: that no wait makes better. */
function passing({ code }: Failure): boolean {
  return ![
    "usage",
    "forbidden",
    "credentials_rejected",
    "unauthenticated",
    "session_ended",
    "not_found",
  ].includes(code);
}

function intervalOf(given: string | boolean | undefined): number {
  const seconds = Number(given);
  if (!(seconds >= 0.1 && seconds <= 3_600)) throw usage("--interval takes seconds, from 0.1 to 3600.");
  return seconds * 1_000;
}

interface View {
  seen(processes: readonly ClusterProcess[]): void;
  missed(failure: Failure): void;
}

function jsonView({ terminal, now }: Tools): View {
  const print = (told: object) => terminal.print(JSON.stringify({ at: now(), ...told }));
  return {
    seen: (processes) => print({ processes }),
    missed: ({ code, message }) => print({ error: { code, message } }),
  };
}

function logView({ terminal, now }: Tools): View {
  let before: readonly ClusterProcess[] | null = null;
  let missing = false;
  const say = (text: string) => terminal.print(`${clock(now())}  ${text}`);
  return {
    seen: (processes) => {
      if (before === null) terminal.print(`${describeProcesses(processes, now(), terminal)}\n`);
      if (missing) say("It answers again.");
      for (const change of before === null ? [] : changesBetween(before, processes, true)) say(change);
      before = processes;
      missing = false;
    },
    missed: ({ message }) => {
      if (!missing) say(message);
      missing = true;
    },
  };
}

function screenView({ terminal, now }: Tools): View {
  let before: readonly ClusterProcess[] = [];
  let seenBefore: readonly ClusterProcess[] = [];
  const log: string[] = [];
  const draw = (above: string) => {
    const table = describeProcesses(before, now(), terminal, seenBefore);
    const title = terminal.paint("dim", `${clock(now())} · Ctrl-C ends`);
    terminal.show(
      [above === "" ? title : above, table, ...(log.length > 0 ? [log.join("\n")] : [])].join("\n\n"),
    );
  };
  return {
    seen: (processes) => {
      seenBefore = before;
      const changes = before.length === 0 ? [] : changesBetween(before, processes, false);
      log.push(...changes.map((change) => `${terminal.paint("dim", clock(now()))}  ${change}`));
      log.splice(0, log.length - shownChanges);
      before = processes;
      draw("");
    },
    missed: ({ message }) => draw(terminal.paint(["red", "bold"], message)),
  };
}

/** What has become of the processes, in words. */
function changesBetween(
  before: readonly ClusterProcess[],
  after: readonly ClusterProcess[],
  withRooms: boolean,
): string[] {
  const ended = before.filter(({ id }) => !after.some((one) => one.id === id));
  return [
    ...ended.map(({ id, state }) => `${id} ${state === "gone" ? "is forgotten" : "ended"}`),
    ...after.flatMap((one) => {
      const earlier = before.find(({ id }) => id === one.id);
      if (!earlier) return [`${one.id} started at ${one.address}`];
      const state =
        stateOf(one) === stateOf(earlier) ? [] : [`${one.id} ${stateOf(earlier)} → ${stateOf(one)}`];
      const moved = withRooms && one.rooms !== earlier.rooms;
      return [
        ...state,
        ...(moved ? [`${one.id} ${number(earlier.rooms)} → ${counted(one.rooms, "room")}`] : []),
      ];
    }),
  ];
}

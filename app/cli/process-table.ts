import type { ClusterProcess } from "../../core/protocol/cluster.ts";
import { bar, type Column, table } from "./table.ts";
import type { Style, Terminal } from "./terminal.ts";
import { counted, duration, number } from "./words.ts";

type Painter = Pick<Terminal, "paint" | "columns">;

/** They are heard twice a second: after this silence something may be amiss. */
const quietMs = 1_500;

const styles: Readonly<Record<string, Style>> = {
  up: "green",
  draining: "yellow",
  drained: "cyan",
  gone: ["red", "bold"],
};

/** `drained`: it drains, and has no rooms any more. */
export function stateOf({ state, rooms }: ClusterProcess): string {
  return state === "draining" && rooms === 0 ? "drained" : state;
}

/** The processes as people read them, with what to do about what is not as it should be. `before`: at the last look. */
export function describeProcesses(
  processes: readonly ClusterProcess[],
  now: number,
  terminal: Painter,
  before?: readonly ClusterProcess[],
): string {
  if (processes.length === 0) return "No cluster: this process is alone (it was started without REDIS_URL).";
  const parts = [table(columnsFor(processes, now, terminal, before), processes), summaryOf(processes)];
  const hints = hintsFor(processes);
  return [...parts, ...(hints.length > 0 ? [hints.join("\n")] : [])].join("\n\n");
}

function columnsFor(
  processes: readonly ClusterProcess[],
  now: number,
  { paint, columns }: Painter,
  before: readonly ClusterProcess[] | undefined,
): Column<ClusterProcess>[] {
  const barLength = columns >= 130 ? 12 : columns >= 106 ? 6 : 0;
  const gauge = (part: number, whole: number, style: Style = "dim"): string =>
    barLength > 0 ? `${paint(style, bar(part, whole, barLength))} ` : "";
  const most = (of: "rooms" | "people") => Math.max(0, ...processes.map((one) => one[of]));
  const digits = (of: "rooms" | "people") => number(most(of)).length;
  const [mostRooms, mostPeople] = [most("rooms"), most("people")];
  const all: (Column<ClusterProcess> | false)[] = [
    { title: "PROCESS", cell: ({ id }) => id },
    { title: "STATE", cell: (one) => paint(styles[stateOf(one)] ?? "dim", stateOf(one)) },
    {
      title: "ROOMS",
      cell: ({ rooms }) => gauge(rooms, mostRooms, "blue") + number(rooms).padStart(digits("rooms")),
    },
    before !== undefined && { title: "CHANGE", right: true, cell: (one) => changeOf(one, before) },
    {
      title: "PEOPLE",
      cell: ({ people }) => gauge(people, mostPeople, "blue") + number(people).padStart(digits("people")),
    },
    {
      title: "LOAD",
      cell: ({ load }) => `${gauge(load, 1, loadStyle(load))}${(load * 100).toFixed(0).padStart(3)} %`,
    },
    {
      title: "SEEN",
      right: true,
      cell: ({ silentMs }) => {
        const seen = `${duration(silentMs)} ago`;
        return silentMs > quietMs ? paint("yellow", seen) : seen;
      },
    },
    { title: "UP FOR", right: true, cell: ({ startedAt }) => duration(now - startedAt) },
    columns >= 90 && { title: "VERSION", cell: ({ version }) => version },
    columns >= 90 && { title: "ADDRESS", cell: ({ address }) => address },
  ];
  return all.filter((column) => column !== false);
}

function loadStyle(load: number): Style {
  return load >= 0.9 ? "red" : load >= 0.7 ? "yellow" : "green";
}

function changeOf({ id, rooms }: ClusterProcess, before: readonly ClusterProcess[]): string {
  const change = rooms - (before.find((one) => one.id === id)?.rooms ?? rooms);
  return change === 0 ? "" : change > 0 ? `+${number(change)}` : `−${number(-change)}`;
}

function summaryOf(processes: readonly ClusterProcess[]): string {
  // What a process that is gone last said of itself is counted where it has gone to.
  const here = processes.filter(({ state }) => state !== "gone");
  const sum = (of: "rooms" | "people") => here.reduce((total, one) => total + one[of], 0);
  const states = ["draining", "drained", "gone"].flatMap((state) => {
    const count = processes.filter((one) => stateOf(one) === state).length;
    return count > 0 ? [`${count} ${state}`] : [];
  });
  return [
    [counted(processes.length, "process", "processes"), ...states].join(", "),
    counted(sum("rooms"), "room"),
    counted(sum("people"), "person", "people"),
  ].join(" · ");
}

function hintsFor(processes: readonly ClusterProcess[]): string[] {
  const hints = processes.flatMap((one) => {
    if (stateOf(one) === "drained") return [`${one.id} is empty: it can be stopped.`];
    if (one.state === "gone")
      return [`${one.id} has been silent for ${duration(one.silentMs)}: the others take its rooms.`];
    return [];
  });
  const stranded = processes.some(({ rooms }) => rooms > 0) && !processes.some(({ state }) => state === "up");
  return stranded ? [...hints, "No process takes rooms: start one, or undrain one."] : hints;
}

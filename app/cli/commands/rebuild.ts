import type { Command, Tools } from "../command.ts";
import { bar } from "../table.ts";
import { patienceOf, waitFor, waitOptionHelp, waitOptions } from "../waiting.ts";
import { duration } from "../words.ts";

export const rebuild: Command = {
  group: "search",
  name: "rebuild",
  takes: "",
  arguments: [0, 0],
  summary: "make the search index anew from the journal",
  details: `Beside the index in use, under keys of the present master key; searches and rooms go on. Where one is under
way, that one goes on. Waits until it has taken the other's place. Ctrl-C ends the waiting, not the build.
For after a restored backup, and after the master key was rotated.`,
  options: waitOptions,
  optionHelp: waitOptionHelp,
  examples: ["hugmedo search rebuild", "hugmedo search rebuild --timeout 7200 --json"],
  run: async (given, tools) => {
    const patienceMs = patienceOf(given);
    const { generation } = await tools.rest.rebuildSearch();
    if (patienceMs === null) {
      const text = `Build ${generation} of the search index has begun. See how far it is: hugmedo search rebuild`;
      return { text, json: { generation, done: false } };
    }
    return awaitBuild(generation, patienceMs, tools);
  },
};

async function awaitBuild(generation: number, patienceMs: number, tools: Tools) {
  const { rest, terminal, now } = tools;
  const since = now();
  let progress = 0;
  const look = async () => {
    const builds = await rest.searchBuilds();
    if (builds.building !== generation) return builds;
    progress = builds.progress ?? progress;
    const percent = Math.floor(progress * 100);
    terminal.progress(
      `▕${bar(percent, 100, 20)}▏ ${percent} % of the journal read · ${duration(now() - since)}`,
    );
    return undefined;
  };
  await waitFor(tools, patienceMs, look, () => ({
    message: `Build ${generation} has read ${Math.floor(progress * 100)} % of the journal after ${duration(patienceMs)}. It goes on: hugmedo search rebuild`,
    detail: { generation, progress },
  }));
  const elapsedMs = now() - since;
  return {
    text: `The search index was made anew in ${duration(elapsedMs)}: searches look into build ${generation}.`,
    json: { generation, done: true, seconds: elapsedMs / 1_000 },
  };
}

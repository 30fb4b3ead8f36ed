import type { Command } from "../command.ts";
import { describeProcesses } from "../process-table.ts";

export const status: Command = {
  group: "cluster",
  name: "status",
  takes: "",
  arguments: [0, 0],
  summary: "what runs, and how much is on it",
  details: `STATE is up, draining (it hands its rooms to the others), drained (it has none left: stop it when you
like) or gone (silent for so long that the others take its rooms). LOAD is that of its event loop: from
about 70 % on, people notice. SEEN is its last sign of life.`,
  options: {},
  optionHelp: [],
  examples: ["hugmedo cluster status", "hugmedo cluster status --json | jq '.processes[] | {id, rooms}'"],
  run: async (_, { rest, terminal, now }) => {
    const processes = await rest.processes();
    return { text: describeProcesses(processes, now(), terminal), json: { processes } };
  },
};

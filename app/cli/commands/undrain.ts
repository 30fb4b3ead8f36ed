import type { Command } from "../command.ts";
import { findProcess } from "../find-process.ts";

export const undrain: Command = {
  group: "cluster",
  name: "undrain",
  takes: "<process>",
  arguments: [1, 1],
  summary: "let a process take rooms again",
  details: `Ends its drain. Rooms that have left do not come back by themselves: rebalance for that.`,
  options: {},
  optionHelp: [],
  examples: ["hugmedo cluster undrain 0a1b"],
  run: async ({ arguments: [given] }, { rest }) => {
    const { id } = findProcess(await rest.processes(), given ?? "");
    const process = await rest.undrain(id);
    const text =
      process.state === "gone"
        ? `${id} is silent: it takes rooms again if it comes back.`
        : `${id} takes rooms again. To bring some back: hugmedo cluster rebalance`;
    return { text, json: { process } };
  },
};

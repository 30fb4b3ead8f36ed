import type { Command } from "../command.ts";
import { drain } from "./drain.ts";
import { move } from "./move.ts";
import { rebalance } from "./rebalance.ts";
import { rooms } from "./rooms.ts";
import { status } from "./status.ts";
import { undrain } from "./undrain.ts";
import { watch } from "./watch.ts";

/** What `hugmedo cluster` can do, in the order of its help. */
export const clusterCommands: readonly Command[] = [status, watch, rooms, drain, undrain, move, rebalance];

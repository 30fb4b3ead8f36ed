import type { Command } from "../command.ts";
import { drain } from "./drain.ts";
import { move } from "./move.ts";
import { rebalance } from "./rebalance.ts";
import { rebuild } from "./rebuild.ts";
import { rooms } from "./rooms.ts";
import { status } from "./status.ts";
import { undrain } from "./undrain.ts";
import { watch } from "./watch.ts";

/** What can be asked of a running server, in the order of the help. */
export const commands: readonly Command[] = [status, watch, rooms, drain, undrain, move, rebalance, rebuild];

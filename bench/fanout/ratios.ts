import { type Spread, spread } from "../statistics.ts";
import type { RunResult } from "./load/run.ts";
import type { Round } from "./rounds.ts";
import type { ContestantName } from "./shape.ts";

/** Each over the rounds, compared within a round; null where it was not measured. */
export interface Ratios {
  /** Our server's CPU per delivery over plain Colyseus', at 4,000 messages/s. */
  readonly durableTax: Spread | null;
  /** The same over raw `ws`. */
  readonly frameworkTax: Spread | null;
  /** Our highest sustained rate over plain Colyseus'. */
  readonly sustainedVsColyseus: Spread | null;
  /** The same over Socket.IO's with a statement a message. */
  readonly sustainedVsSocketIo: Spread | null;
}

const comparedAt = 4000;

export function ratios(rounds: readonly Round[]): Ratios {
  const compare = (other: ContestantName, value: (round: Round, name: ContestantName) => number) =>
    spread(rounds.map((round) => value(round, "hugmedo") / value(round, other)));
  return {
    durableTax: compare("colyseus", serverCpu),
    frameworkTax: compare("ws", serverCpu),
    sustainedVsColyseus: compare("colyseus", sustained),
    sustainedVsSocketIo: compare("socket.io", sustained),
  };
}

/** CPU microseconds of one process per delivery. */
export function cpuPerDelivery(result: RunResult, process: string): number {
  return (result.cpu[process] ?? Number.NaN) / result.deliveries;
}

function serverCpu({ outcomes }: Round, name: ContestantName): number {
  const result = outcomes[name]?.rates.find(({ rate }) => rate === comparedAt);
  return result ? cpuPerDelivery(result, "server") : Number.NaN;
}

function sustained({ outcomes }: Round, name: ContestantName): number {
  return outcomes[name]?.ladder?.sustained ?? Number.NaN;
}

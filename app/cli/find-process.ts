import type { ClusterProcess } from "../../core/protocol/cluster.ts";
import { exitCodes, Failure } from "./failure.ts";

/** The process that a person means by its id or the beginning of it. Throws a Failure that says which there are. */
export function findProcess(processes: readonly ClusterProcess[], given: string): ClusterProcess {
  const wanted = given.toLowerCase();
  const exact = processes.find(({ id }) => id === wanted);
  if (exact) return exact;
  const [found, ...more] = processes.filter(({ id }) => id.startsWith(wanted));
  if (!found) throw unclear("no_such_process", `No process is called ${given}.`, processes);
  if (more.length > 0) throw unclear("ambiguous_process", `Several begin with ${given}.`, [found, ...more]);
  return found;
}

function unclear(code: string, what: string, processes: readonly ClusterProcess[]): Failure {
  const names = processes.map(({ id }) => id).join(", ");
  const message = `${what} ${processes.length === 0 ? "There are none." : `There is: ${names}.`}`;
  return new Failure(exitCodes.failed, code, message);
}

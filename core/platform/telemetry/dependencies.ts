import type { DependencyRecord, DependencyState } from "../resilience/record.ts";
import type { Levels } from "./levels.ts";
import type { Registry } from "./meters.ts";

const states: readonly DependencyState[] = ["closed", "half_open", "open"];

/** How what is outside this process answers it. Their names are a closed set: resilience/dependencies.ts. */
export function registerDependencies(registry: Registry, levels: Partial<Levels>): void {
  const records = (): DependencyRecord[] => [...(levels.dependencies?.records() ?? [])];
  registry.meters(
    "counter",
    "dependency_calls_total",
    "Calls to what is outside this process. failed, timeout: it did not do its part; refused: not made, as it is left alone; busy: not made, as too many are under way; cancelled: nobody wanted the answer any more.",
    () =>
      records().flatMap(({ name, outcomes }) =>
        [...outcomes].map(([outcome, meter]) => ({ labels: { dependency: name, outcome }, meter })),
      ),
  );
  registry.meters(
    "counter",
    "dependency_retries_total",
    "Attempts that were made again after a failure.",
    () => records().map(({ name, retries }) => ({ labels: { dependency: name }, meter: retries })),
  );
  registry.meters(
    "histogram",
    "dependency_seconds",
    "How long those calls took that were made, with their repeats.",
    () => records().map(({ name, seconds }) => ({ labels: { dependency: name }, meter: seconds })),
  );
  registry.readings(
    "dependency_state",
    "dependency",
    "0: it is asked; 1: the next call tries it; 2: it failed again and again, and is left alone. /readyz says what is less good meanwhile.",
    () => Object.fromEntries(records().map(({ name, state }) => [name, states.indexOf(state)])),
  );
  registry.readings(
    "dependency_waiting",
    "dependency",
    "Calls that wait for their turn. Above 0 for long: it does not keep up with what is asked of it.",
    () => levels.dependencies?.waiting() ?? {},
  );
}

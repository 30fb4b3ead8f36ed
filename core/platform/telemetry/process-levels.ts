import { readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Registry } from "./meters.ts";

/** What the operating system and Node know of this process. */
export function registerProcess(registry: Registry): void {
  const cpu = (part: "user" | "system") => (): number => process.cpuUsage()[part] / 1e6;
  registry.reading("process_cpu_user_seconds_total", "Processor time in our code.", cpu("user"), "counter");
  registry.reading(
    "process_cpu_system_seconds_total",
    "Processor time in the operating system for us.",
    cpu("system"),
    "counter",
  );
  registry.reading(
    "event_loop_active_seconds_total",
    "How long the event loop had work to do. A rate near 1: the process is full, add another.",
    () => performance.eventLoopUtilization().active / 1e3,
    "counter",
  );
  registry.reading("process_start_time_seconds", "When the process started, since 1970.", () =>
    Math.round(performance.timeOrigin / 1e3),
  );
  registry.reading("process_resident_memory_bytes", "Memory in use.", () => process.memoryUsage.rss());
  registry.reading(
    "process_heap_used_bytes",
    "JavaScript objects. When it grows for days and never falls, tell us.",
    () => getHeapStatistics().used_heap_size,
  );
  registry.reading(
    "process_heap_limit_bytes",
    "Where the process ends for want of memory; --max-old-space-size in NODE_OPTIONS raises it.",
    () => getHeapStatistics().heap_size_limit,
  );
  registry.reading(
    "process_open_fds",
    "Open files and connections; where it nears `ulimit -n`, new people are refused.",
    openFiles,
  );
}

/** undefined: not told on this system. */
function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

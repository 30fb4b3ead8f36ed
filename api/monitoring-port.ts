/** A part that the process does its work with. */
export interface ReadinessCheck {
  /** One word: it is a label of a metric too. */
  readonly name: string;
  /** The process goes on without it, less well. */
  readonly optional?: boolean;
  /** Why it is not ready, without secrets; null when it is. May throw. */
  check(): Promise<string | null>;
}

/** What this process measures. */
export interface MetricsReader {
  /** As Prometheus reads it, with how each readiness check came out. */
  text(checks: Readonly<Record<string, boolean>>): string;
}

import type { Crowd } from "../clients/crowd.ts";
import type { Operator } from "../stage/operator.ts";
import type { Stage } from "../stage/stage.ts";

/** What a fault works on. */
export interface Scene {
  readonly stage: Stage;
  readonly crowd: Crowd;
  readonly operator: Operator;
  /** 0 ≤ n < 1; of this fault alone, so that it does the same whatever the others did. */
  readonly random: () => number;
}

/** What was done. `on`: addresses of the processes that were killed, frozen or cut off. */
export interface Done {
  readonly text: string;
  readonly on?: readonly string[];
}

export interface Fault {
  /** What must not be in other trouble meanwhile. */
  readonly on: "process" | "postgres" | "redis" | "clients";
  /** Breaks something and mends it again. Throws when that could not be done. */
  strike(scene: Scene): Promise<Done>;
}

import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
} from "cockatiel";

/** What this process knows of one endpoint: how many lanes run there now, and whether it is left alone as it fails. */
interface Endpoint {
  readonly breaker: CircuitBreakerPolicy;
  running: number;
}

/** Keeps endpoints apart: one that is slow or broken takes nothing from the others. */
export interface Endpoints {
  /** How many more lanes may run there now. */
  room(webhook: string): number;
  /** Runs a lane, which counts until it ends. */
  run(webhook: string, lane: () => Promise<void>): Promise<void>;
  /** Throws cockatiel's BrokenCircuitError while the endpoint is left alone. */
  call<T>(webhook: string, call: () => Promise<T>): Promise<T>;
  readonly running: number;
}

export interface EndpointLimits {
  /** Lanes at once, of one endpoint and of all. */
  readonly lanes: number;
  readonly allLanes: number;
  /** After so many failures in a row it is left alone for so long (ms); then one call shows whether it works again. */
  readonly failures: number;
  readonly rest: number;
}

export function createEndpoints({ lanes, allLanes, failures, rest }: EndpointLimits): Endpoints {
  const known = new Map<string, Endpoint>();
  let running = 0;
  const find = (webhook: string): Endpoint => {
    const breaker = () =>
      circuitBreaker(handleAll, { halfOpenAfter: rest, breaker: new ConsecutiveBreaker(failures) });
    const found = known.get(webhook) ?? { breaker: breaker(), running: 0 };
    known.set(webhook, found);
    return found;
  };
  return {
    room: (webhook) => {
      const { breaker, running: own } = find(webhook);
      const limit = breaker.state === CircuitState.Closed ? lanes : 1;
      return Math.max(0, Math.min(limit - own, allLanes - running));
    },
    run: async (webhook, lane) => {
      const endpoint = find(webhook);
      endpoint.running += 1;
      running += 1;
      try {
        await lane();
      } finally {
        endpoint.running -= 1;
        running -= 1;
        if (endpoint.running === 0 && endpoint.breaker.state === CircuitState.Closed) known.delete(webhook);
      }
    },
    call: (webhook, call) => find(webhook).breaker.execute(call),
    get running() {
      return running;
    },
  };
}

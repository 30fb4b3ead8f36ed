import { AsyncLocalStorage } from "node:async_hooks";

/** The request that is being worked on, wherever its work has got to: for lines of the log, the audit, and the other process that has the room. */
const scope = new AsyncLocalStorage<string>();

/** Everything that `work` sets off, also later, belongs to the request of this id. */
export function withRequest<T>(id: string | undefined, work: () => T): T {
  return id === undefined ? work() : scope.run(id, work);
}

/** undefined: what is done follows from no request. */
export function currentRequest(): string | undefined {
  return scope.getStore();
}

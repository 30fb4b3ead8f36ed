import { type Rejection, rejection } from "../errors.ts";
import { type BackendName, type Capabilities, peerLimit } from "./state.ts";

type People = readonly Pick<Capabilities, "backends">[];

/** Whether this backend can carry a call of these people. */
export function carries(backend: BackendName, people: People): boolean {
  if (backend === "peer" && people.length > peerLimit) return false;
  return people.every(({ backends }) => backends.includes(backend));
}

/** The first in order that can carry the call and has not failed lately; else the first that can; null: none can. */
export function nextBackend(
  order: readonly BackendName[],
  people: People,
  failed: readonly BackendName[],
): BackendName | null {
  const able = order.filter((backend) => carries(backend, people));
  return able.find((backend) => !failed.includes(backend)) ?? able[0] ?? null;
}

/** Why none of these can carry a call of these people. */
export function whyNone(order: readonly BackendName[], people: People): Rejection {
  if (order.length === 0) return rejection("media_unavailable");
  const common = order.some((backend) => people.every(({ backends }) => backends.includes(backend)));
  return rejection(common ? "call_full" : "call_incompatible");
}

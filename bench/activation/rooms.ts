import { randomUUID } from "node:crypto";
import type { RoomRef } from "../../core/domain/room.ts";
import { mapAtOnce } from "../at-once.ts";
import { type Account, post } from "../product.ts";
import type { Filling } from "./history.ts";

/** A room that sleeps, and what its first request will be. */
export interface Sleeper {
  readonly ref: RoomRef;
  readonly token: string;
  readonly request: { readonly name: string; readonly payload: object };
  /** What a rightly restored room answers with. */
  readonly answer: { readonly status: number; readonly body: Readonly<Record<string, unknown>> };
}

/** A chat and its administrator. */
export interface Chat {
  readonly filling: Filling;
  readonly token: string;
}

const queues = 10;
const visits = 40;
const createdAtOnce = 4;

export async function createChats(
  url: string,
  clinicians: readonly Account[],
  { count, events }: { readonly count: number; readonly events: number },
): Promise<readonly Chat[]> {
  const [owner, ...others] = clinicians;
  if (!owner) throw new Error("There is nobody to make a chat.");
  const members = others.map(({ person }) => ({ person, role: "member" }));
  return mapAtOnce(Array.from({ length: count }), createdAtOnce, async (_, n) => {
    const { id } = await post(`${url}/v1/chats`, owner.token, { title: `Chat ${n}`, members });
    const ref: RoomRef = { kind: "chat", id: String(id) };
    const filling = { ref, members: clinicians.map(({ person }) => person), events };
    return { filling, token: owner.token };
  });
}

export async function resume(url: string, { kind, id }: RoomRef, token: string): Promise<void> {
  const request = { name: "chat.resume", payload: { after: 0 } };
  await post(`${url}/v1/rooms/${kind}/${id}/commands`, token, request);
}

/** Its last event is a message or a cursor's move after one. */
export function sleeperOf({ filling: { ref, events }, token }: Chat): Sleeper {
  const lastSeq = events % 5 === 0 ? events - 1 : events;
  return {
    ref,
    token,
    request: { name: "chat.resume", payload: { after: lastSeq } },
    answer: { status: 200, body: { events: [], lastSeq, more: false } },
  };
}

export async function createQueues(
  url: string,
  admin: Account,
  staff: readonly Account[],
  patients: readonly Account[],
): Promise<readonly Sleeper[]> {
  const settings = {
    title: "Queue",
    callSeconds: 120,
    holdSeconds: 600,
    graceSeconds: 3_600,
    awaySeconds: 86_400,
    longWaitSeconds: 86_400,
  };
  const [first] = staff;
  if (!first) throw new Error("The queue has no staff.");
  const people = staff.map(({ person }) => person);
  return mapAtOnce(Array.from({ length: queues }), 1, async () => {
    const { id } = await post(`${url}/v1/queues`, admin.token, { settings, staff: people });
    await mapAtOnce(patients, createdAtOnce, async ({ token }) => {
      const payload = { id: randomUUID(), reason: "Cough" };
      await post(`${url}/v1/rooms/waiting/${id}/commands`, token, { name: "queue.join", payload });
    });
    return {
      ref: { kind: "waiting", id: String(id) },
      token: first.token,
      // Nothing can be read of a queue by request: so it is asked for what it has to refuse.
      request: { name: "queue.call", payload: { id: randomUUID(), entry: "nobody" } },
      answer: { status: 404, body: { code: "entry_not_found" } },
    };
  });
}

export async function createVisits(
  url: string,
  admin: Account,
  [clinician]: readonly Account[],
  [patient]: readonly Account[],
): Promise<readonly Sleeper[]> {
  if (!clinician || !patient) throw new Error("Nobody is there for a visit.");
  return mapAtOnce(Array.from({ length: visits }), createdAtOnce, async () => {
    const people = { patient: patient.person, clinician: clinician.person, reason: "Cough" };
    const { id } = await post(`${url}/v1/visits`, admin.token, people);
    return {
      ref: { kind: "consultation", id: String(id) },
      token: clinician.token,
      request: { name: "chat.resume", payload: { after: 0 } },
      answer: { status: 200, body: { events: [], lastSeq: 0, more: false } },
    };
  });
}

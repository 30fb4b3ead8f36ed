import { expect, test } from "vitest";
import type { ClientRepository } from "../repositories/clients.ts";
import type { Person } from "../repositories/people.ts";
import { createClients } from "./clients.ts";

test("a secret that is taken away while its token is asked for gives none, and leaves no session", async () => {
  const ended: string[] = [];
  const unused = async () => {
    throw new Error("not asked here");
  };
  const repository: ClientRepository = {
    add: unused,
    list: unused,
    addSecret: unused,
    removeSecret: unused,
    revoke: unused,
    useSecret: async (client) => ({ client, scopes: ["events:read"], session: null }),
    // It was good a moment ago.
    keepSession: async () => false,
  };
  const person: Person = {
    ...{ id: "c-1", org: "demo-clinic", username: null, name: "Lab", disabled: false, demo: false },
    roles: ["integrator"],
  };
  const clients = createClients({
    repository,
    people: { add: unused, byId: async () => person, setDisabled: unused },
    sessions: {
      openFixed: async () => "session-1",
      isAlive: () => true,
      end: async (session) => void ended.push(session),
      revoke: unused,
    },
    tokens: { issue: unused },
    throttle: { take: () => {}, clear: () => {} },
    mayEnter: () => true,
    now: () => 0,
  });
  await expect(clients.token({ id: "c-1", secret: "s", address: "192.0.2.1" })).rejects.toMatchObject({
    code: "client_rejected",
  });
  expect(ended).toEqual(["session-1"]);
});

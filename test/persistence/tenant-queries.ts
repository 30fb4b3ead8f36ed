import { createSecretKey, randomBytes } from "node:crypto";
import type { DomainEvent } from "../../core/domain/feature.ts";
import { chatBehaviour } from "../../core/domain/kinds.ts";
import { createDataKeys } from "../../core/platform/crypto/data-keys.ts";
import { createKeyRing, type KeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import type { Tenants } from "../../core/platform/database/tenants.ts";
import { createAdministration } from "../../core/platform/repositories/administration.ts";
import { createAudit } from "../../core/platform/repositories/audit.ts";
import { createBreakGlass } from "../../core/platform/repositories/break-glass.ts";
import { createChatSummaries } from "../../core/platform/repositories/chat-summaries.ts";
import { createConversations } from "../../core/platform/repositories/conversations.ts";
import { createMemberships } from "../../core/platform/repositories/memberships.ts";
import { createOrgPeople } from "../../core/platform/repositories/org-people.ts";
import { createOrgSettings } from "../../core/platform/repositories/org-settings.ts";
import { createRoomHistory, replayOf } from "../../core/platform/repositories/room-history.ts";
import { createRoomListings } from "../../core/platform/repositories/room-listings.ts";
import { createTenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";
import { createPaper, type Paper } from "./written-room.ts";

/** Two organisations that have of everything the same, each under names of its own. */
export const orgs = ["north", "south"] as const;
type Org = (typeof orgs)[number];

/** Takes whatever is wrapped for one of its own: only the database keeps keys apart here. */
export const ring: KeyRing = {
  ...createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]])),
  unwrap: async () => Buffer.alloc(32),
};
const fold = replayOf(chatBehaviour, (state) => state);

export interface Clinics {
  readonly paper: Paper;
  /** Of each organisation's chat. */
  readonly keyIds: ReadonlyMap<Org, string>;
}

export const chatOf = (org: Org) => ({ kind: "chat", id: `${org}-chat` }) as const;
export const visitOf = (org: Org) => ({ kind: "consultation", id: `${org}-visit` }) as const;
const event = (type: string, payload: object): DomainEvent => ({ ...payload, type });
const personOf = (org: Org): string => `${org}-pat`;

/** What the engine writes for them. */
export async function fillClinics(database: Database): Promise<Clinics> {
  const paper = createPaper(database);
  const keyIds = new Map<Org, string>();
  for (const org of orgs) {
    const person = personOf(org);
    const name = `Pat of the ${org}`;
    await database.db
      .insertInto("org")
      .values({ id: org, name: `The ${org}` })
      .execute();
    await database.db
      .insertInto("person")
      .values({
        id: person,
        org,
        username: person,
        name,
        roles: ["clinician"],
        password: null,
        disabled_at: null,
      })
      .execute();
    const at = { at: 5, by: person };
    const members = [{ person, name, role: "admin" as const }];
    const chat = await paper.room(chatOf(org), org);
    await paper.journal.append([
      chat.part(
        [
          { ...at, event: event("chat.created", { title: org, subject: null, members }) },
          { ...at, event: event("chat.message", { id: "m", body: `said in the ${org}` }) },
          { ...at, event: event("chat.edited", { id: "e", of: 2, body: `meant in the ${org}` }) },
        ],
        { members: [{ person, role: "admin" }] },
      ),
    ]);
    const happened = { ...at, event: event("test.happened", {}) };
    for (const ref of [visitOf(org), { kind: "waiting", id: `${org}-queue` } as const]) {
      const room = await paper.room(ref, org);
      const listing = { at: 5, owner: person, subject: person, status: "open" };
      await paper.journal.append([
        room.part([happened], { members: [{ person, role: "patient" }], listing }),
      ]);
    }
    await createAudit(database.db, database.tenants).record({
      org,
      at: 5,
      actor: person,
      action: "room.history",
      room: chatOf(org),
    });
    const owner = await database.db
      .selectFrom("room_owner")
      .select("key_id")
      .where("kind", "=", "chat")
      .where("id", "=", chatOf(org).id)
      .executeTakeFirstOrThrow();
    keyIds.set(org, owner.key_id);
    await createBreakGlass(database.tenants, paper.keys).open({
      ...{ org, id: org, person, ref: chatOf(org), reason: `needed in the ${org}` },
      ...{ openedAt: 5, expiresAt: 7 },
    });
  }
  await createOrgSettings(database.tenants).setMediaOrder("south", ["peer"]);
  return { paper, keyIds };
}

/** Something that the application asks for the north. */
export interface TenantQuery {
  readonly name: string;
  /** Whether what it asks for is the south's alone: then any row is foreign. */
  readonly foreign: boolean;
  ask(tenants: Tenants): Promise<unknown>;
}

/**
 * Everything that the repositories ask on behalf of one organisation. Where it can, a question is aimed at what is the
 * south's, as if the caller had been given a foreign id. A new repository's questions belong here too.
 */
export function tenantQueries({ paper: { keys }, keyIds }: Clinics): readonly TenantQuery[] {
  const [org, other] = orgs;
  const [chat, visit, person] = [chatOf(other), visitOf(other), personOf(other)];
  const folds = { chat: fold, waiting: fold, consultation: fold };
  /** Opens whatever is read: what the wall lets through is not held up by anything else. */
  const anyKey = { get: async () => keys.get(other, keyIds.get(other) ?? "") };
  const conversations = (tenants: Tenants) => createConversations(tenants, anyKey);
  const summaries = (tenants: Tenants) =>
    createChatSummaries(tenants, anyKey, createOrgPeople(tenants).names);
  const history = (tenants: Tenants) => createRoomHistory({ tenants, keys: anyKey, folds });
  const listings = createRoomListings;
  const glasses = (tenants: Tenants) => createBreakGlass(tenants, keys);
  const audit = (tenants: Tenants) => createAudit(tenants(other), tenants);
  const time = { from: 0, to: 10, limit: 10 };
  const everyone = { text: "", byUsername: true, roles: null, after: null, limit: 10 };

  const lists: readonly Omit<TenantQuery, "foreign">[] = [
    { name: "people.search", ask: (tenants) => createOrgPeople(tenants).search({ org, ...everyone }) },
    { name: "org.name", ask: (tenants) => createOrgPeople(tenants).orgName(org) },
    { name: "audit.list", ask: (tenants) => audit(tenants).list({ org, limit: 10 }) },
    { name: "listings.visits", ask: (tenants) => listings(tenants).visits({ org, ...time }) },
    { name: "glasses.list", ask: (tenants) => glasses(tenants).list({ org, limit: 9 }) },
    { name: "organisation", ask: (tenants) => createAdministration(tenants).organisation(org) },
    { name: "listings.queues", ask: (tenants) => listings(tenants).queues(org) },
  ];
  const aimed: readonly Omit<TenantQuery, "foreign">[] = [
    { name: "people.find", ask: (tenants) => createOrgPeople(tenants).find(org, person) },
    { name: "people.names", ask: (tenants) => createOrgPeople(tenants).names(org, [person]) },
    {
      name: "people.names, by role",
      ask: (tenants) => createOrgPeople(tenants).names(org, [person], ["clinician"]),
    },
    { name: "rooms.find", ask: (tenants) => createTenantRooms(tenants).find(org, chat) },
    { name: "memberships.role", ask: (tenants) => createMemberships(tenants).role(org, chat, person) },
    { name: "memberships.people", ask: (tenants) => createMemberships(tenants).people(org, chat) },
    {
      name: "memberships.rooms",
      ask: (tenants) => createMemberships(tenants).rooms({ org, person, kind: "consultation" }),
    },
    { name: "listings.find", ask: (tenants) => listings(tenants).find(org, visit) },
    {
      name: "listings.visits of a patient",
      ask: (tenants) => listings(tenants).visits({ org, ...time, patient: person }),
    },
    {
      name: "audit.list of a room",
      ask: (tenants) => audit(tenants).list({ org, room: chat, limit: 1 }),
    },
    { name: "conversations.page", ask: (tenants) => conversations(tenants).page(org, chat, { limit: 9 }) },
    { name: "conversations.resume", ask: (tenants) => conversations(tenants).resume(org, chat, 1, 9) },
    { name: "conversations.facts", ask: (tenants) => conversations(tenants).facts(org, chat, 2) },
    { name: "conversations.versions", ask: (tenants) => conversations(tenants).versions(org, chat, 2) },
    { name: "chats.list", ask: (tenants) => summaries(tenants).list({ org, person, limit: 9 }) },
    { name: "chats.one", ask: (tenants) => summaries(tenants).one({ org, person }, chat.id) },
    { name: "chats.members", ask: (tenants) => summaries(tenants).members(org, chat.id) },
    { name: "history.stateAt", ask: (tenants) => history(tenants).stateAt(org, chat, { at: 9 }) },
    { name: "history.events", ask: (tenants) => history(tenants).events(org, chat, { after: 0, limit: 9 }) },
    { name: "glasses.holding", ask: (tenants) => glasses(tenants).holding(org, person, chat, 6) },
    { name: "managed person", ask: (tenants) => createAdministration(tenants).person(org, person) },
    { name: "password", ask: (tenants) => createAdministration(tenants).setPassword(org, person, "$x$") },
    {
      name: "managed person, changed",
      ask: (tenants) => createAdministration(tenants).change(org, person, null, { name: "Mine" }),
    },
    // The south alone has settled it.
    { name: "settings.mediaOrder", ask: (tenants) => createOrgSettings(tenants).mediaOrder(org) },
    { name: "keys.get", ask: (tenants) => createDataKeys(tenants, ring).get(org, keyIds.get(other) ?? "") },
  ];
  return [
    ...lists.map((query) => ({ ...query, foreign: false })),
    ...aimed.map((query) => ({ ...query, foreign: true })),
  ];
}

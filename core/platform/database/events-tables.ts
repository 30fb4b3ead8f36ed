import type { ColumnType, Generated } from "kysely";

/** PostgreSQL's xid8, in decimal. */
type Xid8 = ColumnType<string, string | undefined, string>;

/** How far each reader of the journal has come, and the process that carries it on. Times are by the database's clock. */
export interface ProjectionTable {
  name: string;
  tx: Xid8;
  position: Generated<number>;
  process: string | null;
  leased_until: Date | null;
}

/** Where events of an organisation are sent. Times are ms since the epoch. */
export interface WebhookTable {
  id: string;
  org: string;
  url: string;
  types: string[];
  /** Wrapped by the key ring, as is the one before it, which signs beside it for a while. */
  secret: Uint8Array;
  former_secret: Uint8Array | null;
  former_until: number | null;
  /** Up to where events were taken from the feed. */
  tx: Xid8;
  position: number;
  state: ColumnType<WebhookState, WebhookState | undefined, WebhookState>;
  /** Why it is not active. */
  reason: string | null;
  failing_since: number | null;
  created_by: string;
  created_at: number;
}

export type WebhookState = "active" | "paused" | "disabled";
export type DeliveryState = "pending" | "delivered" | "dead";

/** One event on its way to one webhook. What it says is read from the journal when it is sent. */
export interface WebhookDeliveryTable {
  id: ColumnType<number, never, never>;
  org: string;
  webhook: string;
  event: string;
  kind: string;
  room: string;
  seq: number;
  type: string;
  tx: Xid8;
  position: number;
  state: ColumnType<DeliveryState, DeliveryState | undefined, DeliveryState>;
  attempts: Generated<number>;
  /** Of the last answer. */
  status: number | null;
  /** Of the last try, in one word. */
  fault: string | null;
  tried_at: number | null;
  created_at: number;
}

/** The deliveries of one room to one webhook, which go one after the other; there for as long as there are any. */
export interface WebhookLaneTable {
  webhook: string;
  org: string;
  kind: string;
  room: string;
  next_at: number;
  leased_until: number | null;
  /** Of the lease. */
  token: string | null;
}

export interface EventsTables {
  projection: ProjectionTable;
  webhook: WebhookTable;
  webhook_delivery: WebhookDeliveryTable;
  webhook_lane: WebhookLaneTable;
}

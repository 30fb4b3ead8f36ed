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

export interface EventsTables {
  projection: ProjectionTable;
}

import type { Pool } from "pg";

export interface NewMessage {
  readonly room: string;
  readonly id: string;
  readonly from: string;
  readonly body: string;
}

/** Resolves with the message's number once it is durable. */
export type Store = (message: NewMessage) => Promise<number>;

export async function createTable(pool: Pool): Promise<void> {
  await pool.query(`CREATE TABLE IF NOT EXISTS message (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room text NOT NULL, id text NOT NULL, sender text NOT NULL, body text NOT NULL,
    at timestamptz NOT NULL DEFAULT now())`);
}

/** One statement a message: the usual way. */
export function insertEach(pool: Pool): Store {
  const text = "INSERT INTO message (room, id, sender, body) VALUES ($1, $2, $3, $4) RETURNING seq";
  return async ({ room, id, from, body }) => {
    const { rows } = await pool.query({ name: "insert", text, values: [room, id, from, body] });
    return Number(rows[0].seq);
  };
}

const batchesInFlight = 2;
const batchLimit = 500;

/** Group commit: what arrives while two statements are on their way goes together in the next. */
export function insertTogether(pool: Pool): Store {
  const text = `INSERT INTO message (room, id, sender, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) RETURNING seq`;
  const waiting: { message: NewMessage; resolve: (seq: number) => void; reject: (error: unknown) => void }[] =
    [];
  let inFlight = 0;

  const pump = async (): Promise<void> => {
    if (inFlight >= batchesInFlight || waiting.length === 0) return;
    inFlight++;
    const batch = waiting.splice(0, batchLimit);
    const column = (name: keyof NewMessage) => batch.map(({ message }) => message[name]);
    const values = [column("room"), column("id"), column("from"), column("body")];
    try {
      const { rows } = await pool.query({ name: "insert-many", text, values });
      for (const [i, { resolve }] of batch.entries()) resolve(Number(rows[i].seq));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    inFlight--;
    await pump();
  };

  return (message) =>
    new Promise((resolve, reject) => {
      waiting.push({ message, resolve, reject });
      // After this turn of the loop, so that what arrived together also goes together.
      if (waiting.length === 1) setImmediate(pump);
    });
}

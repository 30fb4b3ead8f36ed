import { type Expression, type SqlBool, sql } from "kysely";
import type { Db } from "../database/database.ts";

/** A segment of a recording: see media/recorder.ts. */
export interface CaptureKey {
  readonly recording: string;
  readonly segment: number;
}

/** What is kept of a segment that Amazon Chime records. */
export interface Capture extends CaptureKey {
  /** Where its files go: the ARN of a bucket, and a path. */
  readonly sink: string;
  /** Amazon's names of the pipeline; null: it has not told them. */
  readonly pipeline: string | null;
  readonly arn: string | null;
  readonly epoch: number;
  readonly ended: boolean;
  /** Since it was set out to be recorded, by the database's clock (ms). */
  readonly ageMs: number;
}

/** The leases of what Amazon Chime records, by the database's clock. */
export interface ChimeCaptures {
  /** The segment is to be recorded from now on; one that is known already stays as it is. */
  claim(key: CaptureKey, sink: string): Promise<Capture>;
  /** Amazon records it. False: it has been ended meanwhile. */
  began(key: CaptureKey, made: { readonly pipeline: string; readonly arn: string }): Promise<boolean>;
  /** Its room, of this epoch, still wants it. null: nothing of it was renewed, see `find`. */
  renew(key: CaptureKey, epoch: number): Promise<Capture | null>;
  find(key: CaptureKey): Promise<Capture | null>;
  /** For good; also of one that has not been heard of. */
  end(key: CaptureKey, sink: string): Promise<void>;
  /** Those that were not renewed for so long; each is told to one who asks, and to others only after a pause. */
  lapsed(query: { readonly silentMs: number; readonly pauseMs: number }): Promise<readonly Capture[]>;
}

export function createChimeCaptures(db: Db): ChimeCaptures {
  const shown = sql<Capture>`
    recording, segment, sink, pipeline, arn, epoch, ended_at is not null as ended,
    (extract(epoch from clock_timestamp() - started_at) * 1000)::bigint as "ageMs"`;
  const is = ({ recording, segment }: CaptureKey): Expression<SqlBool> =>
    sql<SqlBool>`recording = ${recording} and segment = ${segment}`;
  const find = async (key: CaptureKey): Promise<Capture | null> => {
    const { rows } = await sql<Capture>`select ${shown} from chime_capture where ${is(key)}`.execute(db);
    return rows[0] ?? null;
  };

  return {
    claim: async (key, sink) => {
      const { recording, segment } = key;
      await sql`
        insert into chime_capture (recording, segment, sink) values (${recording}, ${segment}, ${sink})
        on conflict do nothing`.execute(db);
      const found = await find(key);
      if (!found) throw new Error("a capture's row is gone");
      return found;
    },
    began: async (key, { pipeline, arn }) => {
      const { rows } = await sql`
        update chime_capture set pipeline = ${pipeline}, arn = ${arn}, renewed_at = clock_timestamp()
        where ${is(key)} and ended_at is null
        returning recording`.execute(db);
      return rows.length > 0;
    },
    renew: async (key, epoch) => {
      const { rows } = await sql<Capture>`
        update chime_capture set epoch = ${epoch}, renewed_at = clock_timestamp()
        where ${is(key)} and ended_at is null and epoch <= ${epoch}
        returning ${shown}`.execute(db);
      return rows[0] ?? null;
    },
    find,
    end: async ({ recording, segment }, sink) => {
      await sql`
        insert into chime_capture (recording, segment, sink, ended_at)
        values (${recording}, ${segment}, ${sink}, clock_timestamp())
        on conflict (recording, segment) do update
        set ended_at = coalesce(chime_capture.ended_at, excluded.ended_at)`.execute(db);
    },
    lapsed: async ({ silentMs, pauseMs }) => {
      const { rows } = await sql<Capture>`
        update chime_capture set swept_at = clock_timestamp()
        where ended_at is null
          and renewed_at < clock_timestamp() - make_interval(secs => ${silentMs / 1e3})
          and (swept_at is null or swept_at < clock_timestamp() - make_interval(secs => ${pauseMs / 1e3}))
        returning ${shown}`.execute(db);
      return rows;
    },
  };
}

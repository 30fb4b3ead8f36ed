/** How long, how often and how many at once something outside this process is asked. Times in ms. */
export interface Limits {
  /** Whoever asks has an answer, or a refusal, by then: waiting for a turn and all repeats are in it. */
  readonly withinMs: number;
  /** So long each attempt may take; left out: all of the above. */
  readonly attemptMs?: number;
  /** So often what may be repeated is tried. 1: once. */
  readonly attempts: number;
  /** So many failures in a row, and it is left alone for a while. null: it is asked whatever comes. */
  readonly breaker: { readonly failures: number; readonly restMs: number } | null;
  /** So many run at once, and so many wait for their turn; more are refused. null: as many as come. */
  readonly bulkhead: { readonly running: number; readonly waiting: number } | null;
}

/** Of what goes through Link (rooms/cluster/redis), which has limits of its own. */
const watchedAlone = { withinMs: 250, attempts: 1, breaker: null, bulkhead: null } as const;
/** Of a backend of calls: media/media-service.ts. */
const backend = {
  withinMs: 5_000,
  attempts: 1,
  breaker: { failures: 3, restMs: 15_000 },
  bulkhead: null,
} as const;

const objects = {
  withinMs: 9_000,
  attemptMs: 4_000,
  attempts: 3,
  breaker: { failures: 5, restMs: 5_000 },
  bulkhead: { running: 32, waiting: 128 },
} as const;

/**
 * Everything outside this process that it asks, with how it is asked and what is less good while it is away.
 * docs/resilience.md has the same table. The names are labels of metrics: no other ones can come up.
 */
export const dependencies = {
  object_store: {
    limits: objects,
    without: "recordings and files cannot be shown; chats, queues, visits and calls go on",
  },
  /** Apart from reading: a disk that is full can still be read from. */
  object_store_writes: {
    limits: objects,
    without:
      "recordings and files cannot be kept; what is there is shown, and chats, queues, visits and calls go on",
  },
  virus_scanner: {
    limits: {
      // A connection within 3 s, and a verdict within two minutes.
      withinMs: 125_000,
      attempts: 1,
      breaker: { failures: 3, restMs: 2_000 },
      bulkhead: { running: 4, waiting: 32 },
    },
    without: "new files stay in quarantine until they have been scanned",
  },
  identity_provider: {
    limits: {
      withinMs: 3_000,
      attempts: 1,
      breaker: { failures: 3, restMs: 5_000 },
      bulkhead: { running: 2, waiting: 256 },
    },
    without: "tokens signed with keys that are known here are taken; those with new keys are not",
  },
  redis: {
    limits: watchedAlone,
    without:
      "rooms that are awake here go on; those elsewhere cannot be reached from here, and none can be moved",
  },
  chime: { limits: backend, without: "calls go on over the next backend" },
  mediasoup: { limits: backend, without: "calls go on over the next backend" },
  peer: { limits: backend, without: "calls go on over the next backend" },
  ffmpeg: {
    limits: {
      // How long a file may take depends on how long it is: each run has its own time.
      withinMs: 6 * 3_600_000,
      attempts: 1,
      breaker: null,
      bulkhead: { running: 2, waiting: 64 },
    },
    without: "files of recordings are made later; what was recorded is kept",
  },
  webhooks: {
    // Each receiver has a breaker, and five requests at once, of its own: core/platform/webhooks.
    limits: { withinMs: 10_000, attempts: 1, breaker: null, bulkhead: null },
    without: "events wait for their receivers and are sent again",
  },
  database_readers: {
    limits: {
      // A connection within 5 s, and a statement within 10.
      withinMs: 15_000,
      attempts: 1,
      breaker: { failures: 5, restMs: 1_000 },
      // Half of DATABASE_POOL, where that is known: see app/resilience.ts.
      bulkhead: { running: 5, waiting: 50 },
    },
    without: "history, lists of chats and messages are refused for a moment; rooms go on",
  },
} as const satisfies Readonly<Record<string, { readonly limits: Limits; readonly without: string }>>;

export type DependencyName = keyof typeof dependencies;

/** How much a media node takes on, and how long it waits. */
export interface NodeLimits {
  /** What one worker, which has one core, carries. */
  readonly consumersPerWorker: number;
  /** Of one person. */
  readonly consumersPerPerson: number;
  /** What one person may send (bit/s). */
  readonly incomingBitrate: number;
  /** A session that nobody is in ends after so long (ms). */
  readonly idleMs: number;
  /** Somebody whose network is gone is out after so long; before that their browser may come back (ms). */
  readonly goneMs: number;
}

export const usualLimits: NodeLimits = {
  consumersPerWorker: 500,
  consumersPerPerson: 64,
  incomingBitrate: 6_000_000,
  idleMs: 60_000,
  goneMs: 30_000,
};

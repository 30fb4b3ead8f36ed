/**
 * Runs the work while no other tab of this origin runs its own of that name. Where the platform has no
 * locks (pages served without TLS) it just runs.
 */
export async function exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (typeof navigator === "undefined" || !("locks" in navigator) || !navigator.locks) return work();
  return navigator.locks.request(name, work);
}

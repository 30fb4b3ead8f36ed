import type { Config } from "../core/platform/config.ts";
import { createIdentity, type Identity } from "../core/platform/identity/identity.ts";
import type { Audit } from "../core/platform/repositories/audit.ts";
import type { Closing } from "./closing.ts";
import type { Ground } from "./ground.ts";
import { announceOver, hearOver, talliesOver, trustedIssuer } from "./sign-in.ts";

const sessionSyncMs = 500;

/** Who people are, in step with the other processes. */
export async function openIdentity(
  { tokenAudience, demo, oidc }: Config,
  { database, ring, log, clock, redis, metrics, guards }: Ground,
  audit: Audit,
  { later }: Closing,
): Promise<Identity> {
  const identity = await createIdentity({
    db: database.db,
    tenants: database.tenants,
    keyRing: ring,
    logger: log,
    now: clock.now,
    audience: tokenAudience,
    allowDemo: demo,
    // Other processes on the same database may end sessions too.
    syncEveryMs: database.kind === "postgres" ? sessionSyncMs : null,
    announce: announceOver(redis),
    sharedTallies: talliesOver(redis),
    observe: (outcome) => metrics.signIns.of({ outcome }).add(),
    audit,
    trusted: oidc ? [trustedIssuer(oidc, { now: clock.now, guard: guards.guard("identity_provider") })] : [],
    trustedOrgs: oidc && typeof oidc.org === "string" ? [oidc.org] : [],
  });
  later(() => identity.close());
  await hearOver(redis, identity);
  return identity;
}

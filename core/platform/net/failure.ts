/** Why a call came to nothing. */
export type FailureReason =
  | "timeout"
  | "unresolved"
  | "unreachable"
  | "tls"
  | "tls_timeout"
  | "certificate_expired"
  | "certificate_early"
  | "certificate_untrusted"
  | "certificate_name"
  | "malformed";

/** It could not be called, or did not answer well. */
export class OutboundFailed extends Error {
  override readonly name = "OutboundFailed";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, cause?: unknown) {
    super(`a call to another system failed: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Node's words for it, and OpenSSL's (`X509_V_ERR_…`). */
const named: Readonly<Record<string, FailureReason>> = {
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  EAI_NODATA: "unresolved",
  EAI_FAIL: "unresolved",
  CERT_HAS_EXPIRED: "certificate_expired",
  CERT_NOT_YET_VALID: "certificate_early",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate_name",
  HOSTNAME_MISMATCH: "certificate_name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate_untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate_untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "certificate_untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate_untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate_untrusted",
  CERT_UNTRUSTED: "certificate_untrusted",
  INVALID_CA: "certificate_untrusted",
};
const tls = /CERT|SSL|TLS|SIGNATURE|UNABLE_TO|PURPOSE|EPROTO/;

export function failureOf(error: unknown): FailureReason {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.startsWith("HPE_")) return "malformed";
  return named[code] ?? (tls.test(code) ? "tls" : "unreachable");
}

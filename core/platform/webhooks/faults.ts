import type { FailureReason } from "../net/failure.ts";

/** What was wrong with a try. Integrators see it: a name is never changed. */
export type Fault = "status" | "refused" | FailureReason;

/** What whoever runs the receiver can do about it. */
const advice: Readonly<Record<Fault, string>> = {
  status: "The receiver did not answer with 200 to 299. Look into its own log.",
  refused: "We do not call there. Give an address of the public internet, or ask your operator to allow it.",
  timeout: "There was no answer within 10 s. See that we reach it; answer first, and work later.",
  unresolved: "The name is not known. Check it, and its DNS records.",
  unreachable:
    "No connection came about, or it broke off. See that it runs, and that no firewall keeps us out.",
  tls: "TLS could not be agreed on. Speak TLS 1.2 or 1.3 at this port, with a certificate for servers.",
  tls_timeout:
    "It was reached, but did not take up TLS within 10 s. See that TLS is spoken at this port, and its load.",
  certificate_expired: "The certificate, or one that signed it, has expired. Renew it, and have it loaded.",
  certificate_early: "The certificate is not valid yet. Check the clock of whoever made it.",
  certificate_untrusted:
    "The certificate is signed by nobody whom we trust. Use a public authority, or have your operator trust yours; and send the intermediate certificates too.",
  certificate_name: "The certificate is of another name than the one in the address. Make them the same.",
  malformed: "What answered does not speak HTTP as it should, or broke off in its answer.",
};

/** null: nothing was wrong. */
export function adviceOn(fault: string | null): string | null {
  return fault !== null && isFault(fault) ? advice[fault] : null;
}

function isFault(text: string): text is Fault {
  return Object.hasOwn(advice, text);
}

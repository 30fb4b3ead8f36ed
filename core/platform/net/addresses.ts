import ipaddr from "ipaddr.js";

type Address = ReturnType<typeof ipaddr.parse>;
type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** What an organisation's own network consists of: loopback, RFC 1918, carrier-grade NAT (RFC 6598), unique local (RFC 4193). */
export const privateRanges = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
] as const;

/**
 * Never called, whatever is allowed: where clouds give a machine its credentials, and link-local addresses, which are
 * where they do that. 168.63.129.16 is Azure's, and looks like a public one.
 */
const forbidden = [
  "169.254.0.0/16",
  "fe80::/10",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
].map((range) => ipaddr.parseCIDR(range));

/** Of IPv6, this alone was ever given to networks (RFC 4291, IANA); tunnels to IPv4 in it are told apart by their range. */
const globalIPv6 = ipaddr.parseCIDR("2000::/3");

/** Who may be called. */
export type Reach = "public" | "private" | "none";

/** Says of an address whether it is the internet's, one of `allowed` (CIDR), or to be left alone. */
export function createReach(allowed: readonly string[]): (address: string) => Reach {
  const ranges = allowed.map((range) => ipaddr.parseCIDR(range));
  return (text) => {
    const address = parse(text);
    if (!address || isIn(address, forbidden)) return "none";
    if (isPublic(address)) return "public";
    return isIn(address, ranges) && !isReserved(address) ? "private" : "none";
  };
}

/** Whether it is a range of addresses in CIDR notation. */
export function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

/** An IPv4 address that is written as IPv6 is that IPv4 address. null: none. */
function parse(text: string): Address | null {
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

function isPublic(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || isIn(address, [globalIPv6]);
}

/** What is no single host's, or stands for an address of another kind: a range of one's own is not made of those. */
function isReserved(address: Address): boolean {
  return !["loopback", "private", "carrierGradeNat", "uniqueLocal"].includes(address.range());
}

function isIn(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
}

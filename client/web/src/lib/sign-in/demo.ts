import { type Role, roles } from "../../../../../core/domain/principal.ts";

export interface DemoAccount {
  readonly username: string;
  readonly name: string;
  readonly role: Role | null;
  readonly password: string;
}

/** The accounts a server offers for trying it; none where it is not a demo, or does not say. */
export async function demoAccounts(load: typeof fetch): Promise<readonly DemoAccount[]> {
  try {
    const response = await load("/v1/demo");
    if (!response.ok) return [];
    const reply: unknown = await response.json();
    const accounts = isObject(reply) && Array.isArray(reply.accounts) ? reply.accounts : [];
    return accounts.flatMap(toAccount);
  } catch {
    return [];
  }
}

/** One account of each role first, `many` at most; the others after. */
export function featured(
  accounts: readonly DemoAccount[],
  many: number,
): readonly [first: readonly DemoAccount[], others: readonly DemoAccount[]] {
  const ofEachRole = accounts.filter(
    (account, i) => accounts.findIndex((other) => other.role === account.role) === i,
  );
  const first = ofEachRole.slice(0, many);
  return [first, accounts.filter((account) => !first.includes(account))];
}

function toAccount(value: unknown): DemoAccount[] {
  if (!isObject(value)) return [];
  const { username, name, password } = value;
  if (typeof username !== "string" || typeof password !== "string") return [];
  const role = roles.find((one) => one === value.role) ?? null;
  return [{ username, name: typeof name === "string" ? name : username, role, password }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

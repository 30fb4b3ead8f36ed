import { allows, isAction, policies, type Resource } from "./policy.ts";
import { type Principal, type Role, roles } from "./principal.ts";

/** What a principal can be to a resource, as far as rules look at it. The first is what everyone is. */
export const relations = {
  outsider: {},
  "chat observer": { membership: "observer" },
  "chat member": { membership: "member" },
  "chat administrator": { membership: "admin" },
  "observer of an own message": { membership: "observer", author: "me" },
  author: { membership: "member", author: "me" },
  "author who left": { membership: null, author: "me" },
  "observer of themselves": { membership: "observer", person: "me" },
  themselves: { membership: null, person: "me" },
  "queue staff": { staff: true },
  "visit's patient at the door": { visitRole: "patient", inside: false },
  "visit's patient": { visitRole: "patient", inside: true },
  "visit's clinician at the door": { visitRole: "clinician", inside: false },
  "visit's clinician": { visitRole: "clinician", inside: true },
  "visit's companion at the door": { visitRole: "interpreter", inside: false },
  "visit's interpreter": { visitRole: "interpreter", inside: true },
  "visit's family": { visitRole: "family", inside: true },
  "visit's observer": { visitRole: "observer", inside: true },
  "break-glass": { emergency: true },
} as const satisfies Record<string, Omit<Resource, "org">>;

export type Relation = keyof typeof relations;

const isRelation = (name: string): name is Relation => Object.hasOwn(relations, name);
export const relationNames: readonly Relation[] = Object.keys(relations).filter(isRelation);

/** Several relations under one name, the larger groups first. */
export const groups: readonly (readonly [string, readonly Relation[]])[] = [
  [
    "anyone in the visit",
    [
      "visit's patient at the door",
      "visit's patient",
      "visit's clinician at the door",
      "visit's clinician",
      "visit's companion at the door",
      "visit's interpreter",
      "visit's family",
      "visit's observer",
    ],
  ],
  [
    "anyone in the chat",
    [
      "chat observer",
      "chat member",
      "chat administrator",
      "observer of an own message",
      "author",
      "observer of themselves",
    ],
  ],
  [
    "anyone inside the visit",
    ["visit's patient", "visit's clinician", "visit's interpreter", "visit's family", "visit's observer"],
  ],
  ["anyone who writes in the chat", ["chat member", "chat administrator", "author"]],
];

/** Somebody with one role, or none. They act as "me" in the organisation "own". */
export function principalWith(role: Role | null): Principal {
  return { org: "own", id: "me", name: "Me", roles: role === null ? [] : [role], session: "s" };
}

/** A resource of the own organisation, or of another one. */
export function resourceOf(relation: Relation, org: "own" | "foreign"): Resource {
  return { org, ...relations[relation] };
}

/** Answers whether a principal may do one action to a resource. */
export type Judge = (principal: Principal, resource: Resource) => boolean;

/** By role, the relations in which it may do an action. */
export type Row = ReadonlyMap<Role, ReadonlySet<Relation>>;

/** Asks for every role and every relation within the own organisation. */
export function rowOf(judge: Judge): Row {
  return new Map(
    roles.map((role) => [
      role,
      new Set(relationNames.filter((relation) => judge(principalWith(role), resourceOf(relation, "own")))),
    ]),
  );
}

/**
 * The table of who may do what, in Markdown: ● whatever they are to it, ○ only as what the last column names,
 * nothing: never.
 */
export function printTable(): string {
  const lines = Object.keys(policies)
    .filter(isAction)
    .map((action) => {
      const row = rowOf((principal, resource) => allows(policies[action], principal, resource));
      const cells = roles.map((role) => mark(row.get(role)));
      return `| \`${action}\` | ${cells.join(" | ")} | ${conditions(row)} |`;
    });
  return [
    `| Action | ${roles.join(" | ")} | ○ as |`,
    `|---|${":-:|".repeat(roles.length)}---|`,
    ...lines,
  ].join("\n");
}

function mark(allowed: ReadonlySet<Relation> = new Set()): string {
  if (allowed.size === 0) return "";
  return allowed.has("outsider") ? "●" : "○";
}

/** As what those may who need to be something to it; what only some of them may with their roles. */
function conditions(row: Row): string {
  const bound = [...row].filter(([, allowed]) => mark(allowed) === "○");
  const shared = relationNames.filter((one) => bound.every(([, allowed]) => allowed.has(one)));
  const more = bound.flatMap(([role, allowed]) => {
    const own = [...allowed].filter((relation) => !shared.includes(relation));
    return own.length === 0 ? [] : [`${role}: ${named(new Set(own)).join(", ")}`];
  });
  return bound.length === 0 ? "" : [named(new Set(shared)).join(", "), ...more].join("; ");
}

/** Groups by their names. */
function named(allowed: ReadonlySet<Relation>): string[] {
  const whole = groups.filter(([, members]) => members.every((relation) => allowed.has(relation)));
  const [name, members] = whole[0] ?? [];
  if (name === undefined || members === undefined) return [...allowed];
  return [name, ...named(new Set([...allowed].filter((relation) => !members.includes(relation))))];
}

const marks = ["<!-- policies: written by `npm run policies` -->", "<!-- policies: end -->"] as const;

/** A page with the table between its marks written anew. Throws where it has no marks. */
export function printedPage(page: string): string {
  const [before, rest] = page.split(marks[0]);
  const after = rest?.split(marks[1])[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no ${marks[0]}`);
  return `${before}${marks[0]}\n\n${printTable()}\n\n${marks[1]}${after}`;
}

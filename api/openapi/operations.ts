import { z } from "zod";
import { type Endpoint, isKeyed } from "../endpoint.ts";
import { isPage } from "../http/pages.ts";

/** The files of `core/protocol` that operations take their schemas from, by name, with what each exports. */
export type ProtocolModules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const head = `// Written by \`npm run openapi\` from the operations of the API; a test says when it is out of step.
`;

/** How each operation is asked for, one export each: a page carries those that it uses, and no schemas. */
export function writeRoutes(endpoints: readonly Endpoint[]): string {
  const routes = endpoints.map((each) => {
    const parts = [`id: "${each.id}"`, `method: "${each.method.toUpperCase()}"`, `path: "${each.path}"`];
    const line = `export const ${each.id} = { ${[...parts, ...marksOf(each)].join(", ")} } as const;`;
    if (line.length <= 110) return line;
    const fields = [...parts, ...marksOf(each)].map((part) => `  ${part},`);
    return [`export const ${each.id} = {`, ...fields, "} as const;"].join("\n");
  });
  return `${head}\n${routes.join("\n")}\n`;
}

function marksOf(each: Endpoint): string[] {
  return [
    ...(each.auth === "none" ? ["open: true"] : []),
    ...(isKeyed(each) && each.auth === "bearer" ? ["keyed: true"] : []),
    ...(isPage(each.reply) ? ["paged: true"] : []),
    ...(each.bodyBytes === undefined ? [] : ["takesBytes: true"]),
    ...(each.replyBytes ? ["givesBytes: true"] : []),
    ...(each.replyType === undefined ? [] : ["givesText: true"]),
  ];
}

/** The operations as the typed client has them: TypeScript that names each one's schemas. */
export function writeOperations(endpoints: readonly Endpoint[], modules: ProtocolModules): string {
  const used = new Set<string>();
  const refer = (schema: z.ZodType | null | undefined): string | null => {
    if (!schema) return null;
    const [inner, optional] = schema instanceof z.ZodOptional ? [schema.unwrap(), true] : [schema, false];
    for (const [file, exported] of Object.entries(modules)) {
      const name = Object.keys(exported).find((each) => exported[each] === inner);
      if (name === undefined) continue;
      used.add(file);
      return `${aliasOf(file)}.${name}${optional ? ".optional()" : ""}`;
    }
    return null;
  };
  const operations = endpoints.map((each) => {
    const { id, input, reply } = each;
    const part = (name: "params" | "query" | "body") => {
      const schema = input[name];
      if (schema === undefined || isEmpty(schema)) return [];
      return [`    ${name}: ${refer(schema) ?? refuse(id, name)},`];
    };
    return [
      `  ${id}: {`,
      `    ...routes.${id},`,
      ...part("params"),
      ...part("query"),
      ...part("body"),
      `    reply: ${reply === null ? "null" : (refer(reply) ?? refuse(id, "reply"))},`,
      "  },",
    ].join("\n");
  });
  const imports = [...used]
    .sort()
    .map((file) => `import * as ${aliasOf(file)} from "../../../core/protocol/${file}.ts";\n`);
  return `${head}${imports.join("")}import * as routes from "./routes.ts";

export const operations = {
${operations.join("\n")}
} as const;
`;
}

function isEmpty(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0;
}

/** `rest-visits` → `restVisits` */
function aliasOf(file: string): string {
  return file.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function refuse(id: string, part: string): never {
  throw new Error(`${id}: its ${part} must be a schema exported by core/protocol/rest*.ts or cluster.ts`);
}

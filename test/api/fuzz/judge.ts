import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { marker, type Schema } from "./from-schema.ts";
import type { Operation } from "./operations.ts";

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Says what is wrong with an answer; null: nothing. */
export type Judge = (operation: Operation, answer: Answered) => string | null;

/** Refusals that any address may give, before an operation is known. */
const anywhere = ["not_found", "invalid_payload", "method_not_allowed"];

export function createJudge(document: Schema): Judge {
  const ajv = new Ajv2020({ strict: false, validateFormats: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "doc");
  const escaped = (step: string) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
  const schemaAt = (steps: readonly string[]) =>
    ajv.compile({ $ref: `doc#/${steps.map(escaped).join("/")}` });
  const compiled = new Map<string, ReturnType<typeof schemaAt>>();

  return ({ id, path, method, spec }, { status, type, text }) => {
    const media = type.split(";")[0] ?? "";
    const json: ReturnType<typeof JSON.parse> = media.endsWith("json") ? JSON.parse(text) : undefined;
    if (status >= 500 && status !== 503) return `${status}`;
    if (status >= 400 && text.includes(marker)) return "the refusal repeats what was sent";
    const responses = spec.responses;
    const responseOf = typeof responses === "object" && responses !== null ? Object.entries(responses) : [];
    const described = responseOf.find(([code]) => code === String(status))?.[1];
    // Of the HTTP parser itself: more in the head than it takes.
    if (status === 431) return null;
    if (!described) {
      return status >= 400 && anywhere.includes(json?.code)
        ? null
        : `${status} ${json?.code} is not documented`;
    }
    if (!described.content) return text === "" ? null : "it has a body and none is documented";
    // A file is of whatever type it is.
    if (described.content["application/octet-stream"]) return null;
    const written = Object.keys(described.content).find((one) => one.split(";")[0] === media);
    if (written === undefined) return `${media} is not documented for ${status}`;
    if (json === undefined) return null;
    const key = `${id} ${status} ${media}`;
    const steps = [
      "paths",
      path,
      method.toLowerCase(),
      "responses",
      String(status),
      "content",
      written,
      "schema",
    ];
    const validate = compiled.get(key) ?? schemaAt(steps);
    compiled.set(key, validate);
    const valid: boolean = validate(json);
    if (!valid) return `the body is not of its schema: ${ajv.errorsText(validate.errors)}`;
    if (status < 400) return null;
    return described.description.includes(`\`${json.code}\``) || anywhere.includes(json.code)
      ? null
      : `${status} ${json.code} is not documented`;
  };
}

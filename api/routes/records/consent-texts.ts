import { consentKinds } from "../../../core/domain/consent/consent.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import type { ConsentText } from "../../../core/platform/records/consent-texts.ts";
import {
  consentText,
  consentTextParams,
  consentTexts,
  setConsentText as request,
} from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { recordsToChange } from "./keeper.ts";

export const listConsentTexts = endpoint({
  id: "listConsentTexts",
  method: "get",
  path: "/v1/consent-texts",
  tag: "records",
  summary: "What people are asked to agree to, as it is now",
  description:
    "The latest version of each kind and language. Where an organisation has none, the page shows its own words.",
  input: {},
  reply: consentTexts,
  errors: [],
  handle: async (_, { principal, records }) => ({
    items: (await records.consentTexts.current(principal.org)).flatMap(present),
  }),
});

export const getConsentText = endpoint({
  id: "getConsentText",
  method: "get",
  path: "/v1/consent-texts/:kind/:language/:version",
  tag: "records",
  summary: "A version of a text that people agreed to",
  description: "It stays as it was when it was shown.",
  input: { params: consentTextParams },
  reply: consentText,
  errors: ["not_found"],
  handle: async ({ params: { kind, language, version } }, { principal, records }) => {
    const found = await records.consentTexts.find(principal.org, kind, language, version);
    const [text] = found ? present(found) : [];
    if (!text) throw new DomainError("not_found");
    return text;
  },
});

export const setConsentText = endpoint({
  id: "setConsentText",
  method: "put",
  path: "/v1/consent-texts",
  tag: "records",
  summary: "Make the next version of a text",
  description:
    "For administrators. The same text again makes none. Consents that were given keep the version that was shown.",
  limited: true,
  input: { body: request },
  reply: consentText,
  errors: ["forbidden"],
  handle: async ({ body }, context) => {
    const { kind, language } = body;
    const records = await recordsToChange("consentTexts.change", context, { detail: { kind, language } });
    const { org, id } = context.principal;
    const [text] = present(await records.consentTexts.add(org, body, id));
    if (!text) throw new DomainError("internal");
    return text;
  },
});

function present(text: ConsentText) {
  const kind = consentKinds.find((one) => one === text.kind);
  return kind ? [{ ...text, kind }] : [];
}

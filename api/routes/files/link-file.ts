import { DomainError } from "../../../core/domain/errors.ts";
import { fileLink, fileParams, newFileLink } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { purposeBy } from "../../http/purpose.ts";
import { fileErrors, fileFor } from "./access.ts";

export const linkFile = endpoint({
  id: "linkFile",
  method: "post",
  path: "/v1/files/:id/links",
  tag: "files",
  summary: "A link to a file's content",
  description:
    "For members of its room. It is good for five minutes, for this person's session and membership alone, and for one variant of one version.",
  limited: true,
  input: { params: fileParams, body: newFileLink },
  reply: fileLink,
  errors: [...fileErrors, "file_not_ready", "file_rejected"],
  handle: async ({ params: { id }, body: { variant, version } }, context) => {
    const { principal, files } = context;
    const { org, id: person, session } = principal;
    const newest = await fileFor(context, id, "files.read");
    const versions = await files.versions(org, id);
    const wanted = versions.find((one) =>
      version === undefined ? one.state === "clean" : one.version === version,
    );
    const found = wanted ?? (version === undefined ? newest : null);
    if (!found) throw new DomainError("file_not_found");
    if (found.state === "rejected") throw new DomainError("file_rejected");
    if (found.state !== "clean") throw new DomainError("file_not_ready");
    if (!found.variants[variant]) throw new DomainError("file_not_found");
    const purpose = purposeBy(context.principal, context);
    return files.link({ org, person, session, file: id, version: found.version, variant, purpose });
  },
});

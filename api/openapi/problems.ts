import { type ErrorCode, errorMessages, isErrorCode } from "../../core/domain/errors.ts";
import { httpStatus } from "../../core/protocol/codes.ts";
import type { Endpoint } from "../endpoint.ts";
import { problemType, titleOf } from "../http/problem.ts";
import { refusalsOf } from "./document.ts";

/** Every code, where the `type` of a problem leads to. */
export function problemsPage(): string {
  const rows = Object.keys(errorMessages)
    .filter(isErrorCode)
    .map(
      (code) =>
        `<tr><td><a href="${problemType(code)}">${code}</a></td><td>${httpStatus[code]}</td><td>${escapeHtml(errorMessages[code])}</td></tr>`,
    );
  const head = "<tr><th>Code</th><th>Status</th><th>What to do</th></tr>";
  return pageOf("Problems", `<table>${head}${rows.join("\n")}</table>`);
}

/** What a code means, and which operations refuse with it. */
export function problemPage(code: ErrorCode, endpoints: readonly Endpoint[]): string {
  const operations = endpoints
    .filter((each) => refusalsOf(each).includes(code))
    .map(
      ({ id, tag, summary }) => `<li><a href="/docs#/${tag}/${id}">${id}</a>: ${escapeHtml(summary)}</li>`,
    );
  return pageOf(
    titleOf(code),
    `<p>Status ${httpStatus[code]}, code <code>${code}</code>. The message may say more.</p>
<p>${escapeHtml(errorMessages[code])}</p>
<h2>Operations that refuse with it</h2>
<ul>${operations.join("\n")}</ul>
<p><a href="/v1/problems">Every code</a></p>`,
  );
}

function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} – HugMeDo API</title></head>
  <body><main><h1>${title}</h1>
${body}</main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

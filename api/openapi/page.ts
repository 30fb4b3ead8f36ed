import { createRequire } from "node:module";
import type { Express, RequestHandler } from "express";
import { isErrorCode } from "../../core/domain/errors.ts";
import type { Endpoint } from "../endpoint.ts";
import { notesOf } from "../middleware/request-log.ts";
import { describeApi } from "./document.ts";
import { problemPage, problemsPage } from "./problems.ts";

const assets = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>HugMeDo API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="stylesheet" href="/docs/sign-in.css">
  </head>
  <body>
    <form id="sign-in">
      <label>User name <input name="username" list="accounts" autocomplete="username" required></label>
      <datalist id="accounts"></datalist>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button>Sign in to try it</button>
      <output></output>
    </form>
    <main id="docs"><noscript>The description itself: <a href="/v1/openapi.json">/v1/openapi.json</a></noscript></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const style = `#sign-in { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; max-width: 1420px; margin: 1rem auto 0; padding: 0 20px; font: 14px sans-serif; }
#sign-in label { display: grid; gap: 0.25rem; }
#sign-in input, #sign-in button { font: inherit; padding: 0.5rem 0.75rem; }
#sign-in output { padding: 0.5rem 0; }
`;

/** Shows the description, and signs in for its try-outs. The token stays in the page's memory. */
const start = `const ui = SwaggerUIBundle({ url: "/v1/openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true });
const form = document.getElementById("sign-in");
const say = form.querySelector("output");
const accounts = new Map();
fetch("/v1/demo").then((reply) => (reply.ok ? reply.json() : { accounts: [] })).then((demo) => {
  for (const { username, password } of demo.accounts) {
    accounts.set(username, password);
    document.getElementById("accounts").append(new Option(username));
  }
  if (accounts.size > 0) say.textContent = "Demo accounts: " + [...accounts.keys()].join(", ");
});
form.username.addEventListener("change", () => {
  const known = accounts.get(form.username.value);
  if (known !== undefined) form.password.value = known;
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ username: form.username.value, password: form.password.value });
  const headers = { "content-type": "application/json" };
  const reply = await fetch("/v1/auth/token", { method: "POST", headers, body });
  const said = await reply.json();
  if (reply.ok) ui.preauthorizeApiKey("bearer", said.access_token);
  say.textContent = reply.ok ? "Signed in. Sign in again when the token has expired (" + said.expires_in + " s)." : said.detail;
});
`;

/** The description at /v1/openapi.json and a page that shows it at /docs, all of it from this server. */
export function serveDocumentation(app: Express, endpoints: readonly Endpoint[]): void {
  const description = JSON.stringify(describeApi(endpoints));
  const { resolve } = createRequire(import.meta.url);
  const get = (path: string, serve: RequestHandler) =>
    app.get(path, (request, response, next) => {
      notesOf(request).route = path;
      return serve(request, response, next);
    });

  get("/v1/openapi.json", (_request, response) => {
    response.type("application/json").send(description);
  });
  get("/v1/problems", (_request, response) => {
    response.type("html").send(problemsPage());
  });
  get("/v1/problems/:code", (request, response, next) => {
    const { code } = request.params;
    if (!isErrorCode(code)) return next();
    response.type("html").send(problemPage(code, endpoints));
  });
  get("/docs", (_request, response) => {
    response.type("html").send(page);
  });
  get("/docs/sign-in.css", (_request, response) => {
    response.type("css").send(style);
  });
  get("/docs/start.js", (_request, response) => {
    response.type("js").send(start);
  });
  for (const asset of assets) {
    const file = resolve(`swagger-ui-dist/${asset}`);
    get(`/docs/${asset}`, (_request, response) => {
      response.sendFile(file, { maxAge: "1h" });
    });
  }
}

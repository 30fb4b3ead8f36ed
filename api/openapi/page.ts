import { createRequire } from "node:module";
import type { Express, RequestHandler } from "express";
import type { Endpoint } from "../endpoint.ts";
import { notesOf } from "../middleware/request-log.ts";
import { describeApi } from "./document.ts";

const assets = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>HugMeDo API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <main id="docs"><noscript>The description itself: <a href="/v1/openapi.json">/v1/openapi.json</a></noscript></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const start = `SwaggerUIBundle({ url: "/v1/openapi.json", dom_id: "#docs", deepLinking: true });\n`;

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
  get("/docs", (_request, response) => {
    response.type("html").send(page);
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

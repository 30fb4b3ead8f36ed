import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import compression from "compression";
import express, { type RequestHandler } from "express";

/** The built web page, and what its own inline scripts are, for the content security policy. */
export interface Page {
  readonly serve: RequestHandler;
  readonly scriptHashes: readonly string[];
}

/** Ends like a file's name. What an invitation's address ends in is longer. */
const fileName = /\.\w{1,12}$/;
const inlineScript = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g;

/** Serves a built page; every address that is not a file of it shows the page, which finds its own way. */
export function openPage(directory: string): Page {
  const index = join(directory, "index.html");
  const html = readFileSync(index, "utf8");
  const scriptHashes = [...html.matchAll(inlineScript)].map(
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  const files = express.static(directory, {
    index: false,
    setHeaders: (response, path) => {
      const immutable = path.includes("/immutable/");
      response.setHeader("cache-control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  const compress = compression();
  const serve: RequestHandler = (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") return next();
    compress(request, response, () => show(request, response, next));
  };
  const show: RequestHandler = (request, response, next) => {
    files(request, response, (error?: unknown) => {
      if (error) return next(error);
      if (!request.accepts("html") || fileName.test(request.path)) return next();
      response.setHeader("cache-control", "no-cache");
      response.type("html").send(html);
    });
  };
  return { serve, scriptHashes };
}

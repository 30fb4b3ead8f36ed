import { fileURLToPath } from "node:url";
import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  clearScreen: false,
  build: { target: "es2022", sourcemap: false, reportCompressedSize: false },
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ pages: at("build"), fallback: "index.html" }),
      // One script and one style sheet: a page that stays open over a deploy never asks for a chunk that is gone.
      output: { bundleStrategy: "single" },
      paths: { relative: false },
      version: { pollInterval: 0 },
    }),
  ],
});

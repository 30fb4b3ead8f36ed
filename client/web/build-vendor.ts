import { fileURLToPath } from "node:url";
import { build } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Each file, and what makes it. */
const files = {
  "amazon-chime-sdk.js": "src/vendor/chime.ts",
  "mediasoup-client.js": "src/vendor/mediasoup.ts",
};

/**
 * The page is one script, so that it never asks for a part that is gone. What only some calls need is a file beside
 * it, under a name that stays, and is loaded by the call that needs it: src/lib/call/libraries.ts.
 */
for (const [name, source] of Object.entries(files)) {
  await build({
    configFile: false,
    root: at("."),
    publicDir: false,
    logLevel: "warn",
    define: { global: "globalThis" },
    build: {
      outDir: at("build"),
      emptyOutDir: false,
      target: "es2022",
      reportCompressedSize: false,
      modulePreload: false,
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        input: at(source),
        preserveEntrySignatures: "strict",
        output: { format: "es", codeSplitting: false, entryFileNames: name },
      },
    },
  });
}

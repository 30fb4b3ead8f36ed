import { expect, it } from "vitest";
import { readSettings } from "./settings.ts";

const local = "http://localhost:2567";

it.each([
  [{}, { url: local, credentials: null }],
  [
    { HUGMEDO_URL: " ", HUGMEDO_TOKEN: "" },
    { url: local, credentials: null },
  ],
  [{ HUGMEDO_URL: "https://a.example" }, { url: "https://a.example", credentials: null }],
  [{ HUGMEDO_TOKEN: " t\n" }, { url: local, credentials: { token: "t" } }],
  [
    { HUGMEDO_USER: "u", HUGMEDO_PASSWORD: " p " },
    { url: local, credentials: { username: "u", password: " p " } },
  ],
  [{ HUGMEDO_USER: "u" }, { url: local, credentials: null }],
  [
    { HUGMEDO_USER: "u", HUGMEDO_PASSWORD: "p", HUGMEDO_TOKEN: "t" },
    { url: local, credentials: { token: "t" } },
  ],
])("%o", (env, settings) => {
  expect(readSettings(env)).toEqual(settings);
});

import { health } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";

export const healthz = openEndpoint({
  id: "health",
  method: "get",
  path: "/healthz",
  tag: "health",
  summary: "Whether the process is alive",
  rate: "none",
  input: {},
  reply: health,
  errors: [],
  handle: async () => ({ status: "ok" as const }),
});

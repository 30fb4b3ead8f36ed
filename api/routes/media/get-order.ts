import { mediaOrder } from "../../../core/protocol/rest-media.ts";
import { endpoint } from "../../endpoint.ts";
import { presentOrder, requireAdministrator } from "./administrator.ts";

export const getOrder = endpoint({
  id: "getMediaOrder",
  method: "get",
  path: "/v1/media/order",
  tag: "media",
  summary: "What carries my organisation's calls, in order",
  limited: true,
  input: {},
  reply: mediaOrder,
  errors: ["forbidden"],
  handle: async (_, context) => {
    requireAdministrator(context);
    return presentOrder(context);
  },
});

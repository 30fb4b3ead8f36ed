import { mediaOrder } from "../../../core/protocol/rest-media.ts";
import { endpoint } from "../../endpoint.ts";
import { orderRevision, presentOrder, requireAdministrator } from "./administrator.ts";

export const getOrder = endpoint({
  id: "getMediaOrder",
  method: "get",
  path: "/v1/media/order",
  tag: "media",
  summary: "What carries my organisation's calls, in order",
  limited: true,
  input: {},
  reply: mediaOrder,
  revision: orderRevision,
  errors: ["forbidden"],
  handle: async (_, context) => {
    requireAdministrator(context);
    return presentOrder(context);
  },
});

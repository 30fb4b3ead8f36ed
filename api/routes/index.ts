import type { Endpoint } from "../endpoint.ts";
import { logout } from "./auth/logout.ts";
import { refresh } from "./auth/refresh.ts";
import { token } from "./auth/token.ts";
import { createChat } from "./chats/create-chat.ts";
import { getChat } from "./chats/get-chat.ts";
import { listChats } from "./chats/list-chats.ts";
import { listMembers } from "./chats/list-members.ts";
import { removeMember } from "./chats/remove-member.ts";
import { setMember } from "./chats/set-member.ts";
import { getDemo } from "./demo/get-demo.ts";
import { healthz } from "./health/healthz.ts";
import { readyz } from "./health/readyz.ts";
import { getJwks } from "./keys/get-jwks.ts";
import { getMe } from "./me/get-me.ts";
import { listPeople } from "./people/list-people.ts";
import { listMessages } from "./rooms/list-messages.ts";
import { listVersions } from "./rooms/list-versions.ts";
import { sendCommand } from "./rooms/send-command.ts";

/** Every operation, in the order of the documentation. */
export const endpoints: readonly Endpoint[] = [
  token,
  refresh,
  logout,
  getDemo,
  getJwks,
  getMe,
  listPeople,
  createChat,
  listChats,
  getChat,
  listMembers,
  setMember,
  removeMember,
  listMessages,
  listVersions,
  sendCommand,
  healthz,
  readyz,
];

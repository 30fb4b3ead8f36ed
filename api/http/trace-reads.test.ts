import { expect, test } from "vitest";
import { purposeOf } from "../../core/domain/audit/purpose.ts";
import type { Principal, Role } from "../../core/domain/principal.ts";
import { endpoints } from "../routes/index.ts";

const person = (...roles: Role[]): Principal => ({ org: "o", id: "p", name: "", roles, session: "s" });

test("why somebody looks is what their role is there for; an auditor who is also more looks as an auditor", () => {
  const said = (...roles: Role[]) => purposeOf(person(...roles));
  expect(said("clinician")).toBe("treatment");
  expect(said("desk")).toBe("reception");
  expect(said("admin")).toBe("administration");
  expect(said("operator")).toBe("administration");
  expect(said("integrator")).toBe("integration");
  expect(said("admin", "clinician")).toBe("treatment");
  expect(said("clinician", "auditor")).toBe("audit");
  for (const roles of [["patient"], ["guest"], []] satisfies Role[][])
    expect(said(...roles)).toBe("participation");
});

/**
 * Operations that show nobody's data but the caller's own, or nobody's at all, and what is there instead. Whatever is not in this list has to
 * declare what it reads: then every entry about it has a purpose.
 */
const showsNobody: Readonly<Record<string, readonly string[]>> = {
  "the caller's own, to the caller alone": [
    ...["getMe", "listAccesses", "listMySessions", "getSecondFactor", "endMySession", "endMyOtherSessions"],
    ...["enrolSecondFactor", "confirmSecondFactor", "removeSecondFactor", "renewRecoveryCodes"],
    ...["signIn", "refresh", "signOut", "answerChallenge", "enrolByChallenge", "clientToken"],
    ...["acceptInvitation", "changeMyPassword"],
  ],
  "acts, which the audit or a room's journal has with who did it": [
    ...["createChat", "setChatMember", "removeChatMember", "createVisit", "cancelVisit", "rescheduleVisit"],
    ...["inviteToVisit", "revokeInvitation", "createQueue", "configureQueue", "setQueueHours"],
    ...["addQueueStaff", "removeQueueStaff", "addPerson", "changePerson", "endSession", "endSessions"],
    ...[
      "resetSecondFactor",
      "givePassword",
      "breakGlass",
      "placeHold",
      "liftHold",
      "requestErasure",
      "cancelErasure",
    ],
    ...["setRetention", "setConsentText", "createFile", "addFileVersion", "completeFile", "deleteFile"],
    ...["putUpload", "linkFile", "putRecordingChunk", "rebuildSearch"],
  ],
  "the organisation and its queues, of which no person is a part": [
    ...["getOrganisation", "changeOrganisation", "getSecondFactorPolicy", "setSecondFactorPolicy"],
    ...["listQueues", "getQueue", "getQueueMetrics", "getMediaOrder", "setMediaOrder", "getRetention"],
    ...["listConsentTexts", "getConsentText", "getDemo"],
  ],
  "other systems: what is sent to them are ids": [
    ...["createClient", "listClients", "revokeClient", "addClientSecret", "removeClientSecret"],
    ...["createWebhook", "listWebhooks", "getWebhook", "changeWebhook", "removeWebhook", "rotateWebhook"],
    ...["testWebhook", "replayWebhook", "listDeliveries", "resendDelivery"],
  ],
  "the installation": [
    ...["listProcesses", "drainProcess", "undrainProcess", "listClusterRooms", "moveRoom", "rebalance"],
    ...["getKeys", "getAuditKeys", "getSearchRebuild", "health", "readiness", "metrics"],
  ],
};

test("no operation that reads personal data is without a declared read, and so without a purpose", () => {
  const free = new Set(Object.values(showsNobody).flat());
  const declared = endpoints.filter(({ reads }) => reads).map(({ id }) => id);
  const others = endpoints.filter(({ reads }) => !reads).map(({ id }) => id);
  expect(others.filter((id) => !free.has(id))).toEqual([]);
  // None is in the list that is not there any more, or reads after all.
  expect([...free].filter((id) => !others.includes(id))).toEqual([]);
  expect(declared).toEqual(
    expect.arrayContaining(["getRoomHistory", "listBrokenGlasses", "getRecordingFile"]),
  );
});

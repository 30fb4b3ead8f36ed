import { encode } from "@colyseus/schema";
import { pack } from "msgpackr";
import { describe, expect, it } from "vitest";
import { colyseusCodes as codes } from "../../fanout/load/seat.ts";
import type { Step } from "./drills.ts";
import { Watch } from "./watch.ts";

const patch = Buffer.from([codes.patch, 1, 2, 3]);

function frame(code: number, write: (head: Buffer, it: { offset: number }) => void, payload: object): Buffer {
  const head = Buffer.alloc(64);
  const it = { offset: 1 };
  head[0] = code;
  write(head, it);
  return Buffer.concat([head.subarray(0, it.offset), pack(payload)]);
}

function message(name: string, payload: object): Buffer {
  return frame(codes.data, (head, it) => encode.string(head, name, it), payload);
}

function reply(request: number, status: number, payload: object): Buffer {
  return frame(
    codes.response,
    (head, it) => {
      encode.number(head, request, it);
      encode.uint8(head, status, it);
    },
    payload,
  );
}

const place = (place: number, seq = 7) => message("queue.place", { place, status: "waiting", seq });

const step: Step = {
  name: "queue.move",
  payload: {},
  by: null,
  told: new Map([
    ["anna", { place: 2, status: "waiting" }],
    ["ben", { place: 1, status: "waiting" }],
  ]),
  shown: { patient: "anna", status: "waiting" },
};

const screens = (watch: Watch) => [0, 1].map((screen) => watch.staff(screen, patch));
const places = (watch: Watch) => {
  watch.patient("anna", place(2));
  watch.patient("ben", place(1));
};
const answer = (watch: Watch) => watch.staff(0, reply(1, 0, { seq: 7 }));

/** Follows the command while a server sends this. */
function follow(...sent: readonly ((watch: Watch) => void)[]) {
  const watch = new Watch(2, 50);
  return watch.follow(step, () => {
    for (const send of sent) send(watch);
  });
}

describe("the watch", () => {
  it("is content with exactly what a command has to bring, in any order, and counts it", async () => {
    for (const order of [
      [screens, places, answer],
      [answer, places, screens],
    ]) {
      const followed = await follow(...order);
      expect(followed).toMatchObject({ messages: 2, patch, toldAt: expect.any(Number) });
      expect(followed.patchedAt).toEqual([expect.any(Number), expect.any(Number)]);
    }
  });

  it.each<[string, RegExp, (watch: Watch) => void]>([
    [
      "a patient whose place did not change is told",
      /chie, to whom nothing/,
      (watch) => watch.patient("chie", place(3)),
    ],
    ["a patient is told twice", /anna, to whom nothing/, (watch) => watch.patient("anna", place(2))],
    [
      "a patient is sent a patch",
      /chie was sent a patch of 1 byte/,
      (watch) => watch.patient("chie", patch.subarray(0, 1)),
    ],
    ["a screen is sent a second patch", /second patch/, (watch) => watch.staff(1, patch)],
    ["a screen is sent a message", /sent queue.place/, (watch) => watch.staff(1, place(1))],
    ["a connection is closed", /connection of anna was closed/, (watch) => watch.closed("anna", 1006)],
  ])("ends when %s", async (_, fault, extra) => {
    await expect(follow(screens, places, extra, answer)).rejects.toThrow(fault);
  });

  it.each<[string, RegExp, readonly ((watch: Watch) => void)[]]>([
    [
      "a patient is not told",
      /1 patients had not been told \(ben\)/,
      [screens, (w) => w.patient("anna", place(2)), answer],
    ],
    [
      "a patient is told a wrong place",
      /anna was sent .*"place":3/,
      [screens, (w) => w.patient("anna", place(3))],
    ],
    ["a screen has no patch", /1 of 2 staff screens/, [(w) => w.staff(0, patch), places, answer]],
    [
      "screens are sent different patches",
      /different patches/,
      [(w) => w.staff(0, patch), (w) => w.staff(1, Buffer.from([codes.patch, 1]))],
    ],
    ["there is no answer", /not answered/, [screens, places]],
    ["it is refused", /refused: .*entry_gone/, [(w) => w.staff(0, reply(1, 1, { code: "entry_gone" }))]],
    [
      "a message names another event",
      /several seqs: 7, 8/,
      [screens, (w) => w.patient("anna", place(2)), (w) => w.patient("ben", place(1, 8)), answer],
    ],
  ])("ends when %s", async (_, fault, sent) => {
    await expect(follow(...sent)).rejects.toThrow(fault);
  });

  it("waits for the word that a patient is called", async () => {
    const call: Step = { ...step, told: new Map([["anna", { place: 1, status: "called", called: true }]]) };
    const watch = new Watch(2, 50);
    const followed = await watch.follow(call, () => {
      screens(watch);
      answer(watch);
      watch.patient("anna", message("queue.place", { place: 1, status: "called", seq: 7 }));
      setImmediate(() => watch.patient("anna", message("queue.called", {})));
    });
    expect(followed.messages).toBe(2);
  });

  it("ends at the next command when something came while there was none", async () => {
    const watch = new Watch(2, 50);
    watch.patient("anna", place(1));
    await expect(watch.follow(step, () => undefined)).rejects.toThrow(/At rest: anna was sent queue.place/);
  });
});

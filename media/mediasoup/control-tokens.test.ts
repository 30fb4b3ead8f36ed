import { createSecretKey, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { createControlTokens } from "./control-tokens.ts";

const key = () => createSecretKey(randomBytes(32));
const [first, second] = [key(), key()];
const ring = createKeyRing("1", new Map([["1", first]]));

function setUp() {
  const time = { now: 1_000_000_000_000 };
  const tokens = createControlTokens(ring, () => time.now);
  return { time, tokens };
}

it("lets a room process and a node know each other", async () => {
  const { tokens } = setUp();
  const { token, nonce } = await tokens.ask("rooms-1", "node-1");
  const asked = await tokens.checkAsk(token, "node-1");
  expect(asked).toEqual({ from: "rooms-1", nonce });
  await tokens.checkAnswer(await tokens.answer("node-1", asked), "node-1", asked);
});

it("takes a token once, for a moment, and for whom it was made", async () => {
  const { time, tokens } = setUp();
  const { token } = await tokens.ask("rooms-1", "node-1");
  await expect(tokens.checkAsk(token, "node-2")).rejects.toThrow();
  await tokens.checkAsk(token, "node-1");
  await expect(tokens.checkAsk(token, "node-1")).rejects.toThrow("shown before");
  const late = await tokens.ask("rooms-1", "node-1");
  time.now += 31_000;
  await expect(tokens.checkAsk(late.token, "node-1")).rejects.toThrow();
});

it("takes nothing from whoever has not the installation's keys", async () => {
  const { tokens, time } = setUp();
  const other = createControlTokens(createKeyRing("1", new Map([["1", second]])), () => time.now);
  await expect(tokens.checkAsk((await other.ask("rooms-1", "node-1")).token, "node-1")).rejects.toThrow();
  const unnamed = createControlTokens(createKeyRing("9", new Map([["9", first]])), () => time.now);
  await expect(tokens.checkAsk((await unnamed.ask("rooms-1", "node-1")).token, "node-1")).rejects.toThrow(
    "missing",
  );
  const none = `${Buffer.from('{"alg":"none","kid":"1","typ":"media-ask+jwt"}').toString("base64url")}.e30.`;
  await expect(tokens.checkAsk(none, "node-1")).rejects.toThrow();
});

it("takes no answer of another node's, to another question, or a question for one", async () => {
  const { tokens } = setUp();
  const asked = { from: "rooms-1", nonce: "n-1" };
  const answer = await tokens.answer("node-1", asked);
  await expect(tokens.checkAnswer(answer, "node-2", asked)).rejects.toThrow();
  await expect(tokens.checkAnswer(answer, "node-1", { ...asked, nonce: "n-2" })).rejects.toThrow();
  await expect(tokens.checkAnswer(answer, "node-1", { ...asked, from: "rooms-2" })).rejects.toThrow();
  const { token, nonce } = await tokens.ask("node-1", "rooms-1");
  await expect(tokens.checkAnswer(token, "node-1", { from: "rooms-1", nonce })).rejects.toThrow();
});

it("goes on while the installation's keys are changed: what names an older key is taken with it", async () => {
  const { tokens, time } = setUp();
  const rotated = createKeyRing(
    "2",
    new Map([
      ["2", second],
      ["1", first],
    ]),
  );
  const newer = createControlTokens(rotated, () => time.now);
  const { token, nonce } = await tokens.ask("rooms-1", "node-1");
  expect(await newer.checkAsk(token, "node-1")).toEqual({ from: "rooms-1", nonce });
});

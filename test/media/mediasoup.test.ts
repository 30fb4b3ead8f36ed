import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MediaNode } from "../../media/mediasoup/media-node.ts";
import { MediaNode as Node, NoWorker } from "../../media/mediasoup/media-node.ts";
import { SessionTap, type TapChange } from "../../media/mediasoup/session-tap.ts";
import {
  eventually,
  Guest,
  Made,
  newSession,
  nextEvent,
  quiet,
  rtpOf,
  startNode,
  withWorker,
} from "./mediasoup-node.ts";

withWorker("sessions on mediasoup", () => {
  const made = new Made();
  let node: MediaNode;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(() => node.close());

  const open = async (...people: readonly string[]) => {
    const session = newSession();
    await node.open(session);
    const guests = await Promise.all(people.map((person) => Guest.join(node, session, person, made)));
    return { session, guests };
  };
  /** Two, of whom the first gives sound and picture. */
  const openPair = async () => {
    const { session, guests } = await open("anna", "ito");
    const [anna, ito] = guests;
    if (!anna || !ito) throw new Error("nobody came");
    const sound = await anna.give("audio", 1_000);
    const picture = await anna.give("video", 2_000);
    return { session, anna, ito, sound, picture };
  };

  it("lets people take what others give, and lets nothing run that nobody looks at", async () => {
    const { anna, ito, sound, picture } = await openPair();
    expect(ito.offers).toEqual(["anna audio", "anna video"]);
    expect(anna.offers).toEqual([]);
    expect(made.producers.get(sound)?.paused).toBe(false);
    expect(made.producers.get(picture)?.paused).toBe(true);

    const seen = await ito.take(picture);
    expect([seen.paused, seen.type]).toEqual([false, "simulcast"]);
    expect(made.producers.get(picture)?.paused).toBe(false);
    expect(await ito.watch(seen.id, true, 1)).toEqual({});
    expect(seen.preferredLayers).toMatchObject({ spatialLayer: 1 });
    expect(await ito.watch(seen.id, false)).toEqual({});
    expect(seen.paused).toBe(true);
    expect(made.producers.get(picture)?.paused).toBe(true);

    // Taken again, it is taken once.
    const again = await ito.take(picture);
    expect([seen.closed, again.closed]).toEqual([true, false]);
    expect(node.load()).toMatchObject({ producers: 2, consumers: 1 });
  });

  it("shows what stands still, is given anew, or is over", async () => {
    const { anna, ito, sound, picture } = await openPair();
    const heard = await ito.take(sound);
    await anna.ask({ ask: "pause", producer: sound, on: true });
    expect(ito.offers).toEqual(["anna audio off", "anna video"]);
    await eventually(() => heard.producerPaused).toBe(true);
    await anna.ask({ ask: "pause", producer: sound, on: false });
    expect(ito.offers).toEqual(["anna audio", "anna video"]);
    await anna.give("screen", 3_000);
    expect(ito.offers).toEqual(["anna audio", "anna video", "anna screen"]);
    const anew = await anna.give("audio", 1_000);
    expect(anew).not.toBe(sound);
    expect(heard.closed).toBe(true);
    await anna.ask({ ask: "unproduce", producer: picture });
    expect([...ito.offers].sort()).toEqual(["anna audio", "anna screen"]);
  });

  it("withholds somebody from those they name: nothing is offered, and nothing runs", async () => {
    const { session, anna, ito, picture } = await openPair();
    const ben = await Guest.join(node, session, "ben", made);
    const [byIto, byBen] = [await ito.take(picture), await ben.take(picture)];
    await anna.ask({ ask: "withhold", from: ["ben"] });
    expect([byIto.paused, byBen.paused]).toEqual([false, true]);
    expect(ben.offers).toEqual([]);
    expect(ito.offers).toEqual(["anna audio", "anna video"]);
    expect(await ben.watch(byBen.id, true)).toEqual({});
    expect(byBen.paused).toBe(true);
    const capabilities = ben.ticket.routerRtpCapabilities;
    const asked = { ask: "consume", producer: picture, rtpCapabilities: capabilities } as const;
    expect(await ben.ask(asked)).toEqual({ code: "participant_not_found" });
    await anna.ask({ ask: "withhold", from: [] });
    expect(byBen.paused).toBe(false);
    expect(ben.offers).toEqual(["anna audio", "anna video"]);
  });

  it("has somebody once: who joins again takes the earlier one's place, which is told so", async () => {
    const { session, anna, ito, picture } = await openPair();
    const seen = await ito.take(picture);
    const again = await Guest.join(node, session, "anna", made);
    expect(anna.news.at(-1)).toEqual({ news: "elsewhere" });
    expect(seen.closed).toBe(true);
    expect(ito.offers).toEqual([]);
    expect(await anna.ask({ ask: "withhold", from: [] })).toEqual({ code: "call_moved" });
    await again.give("audio", 1_000);
    expect(ito.offers).toEqual(["anna audio"]);
  });

  it("gives those who only listen no way to send", async () => {
    const { session } = await openPair();
    const ben = await Guest.join(node, session, "ben", made, true);
    expect(ben.ticket.send).toBeNull();
    const asked = { ask: "produce", slot: "audio", rtpParameters: rtpOf("audio", 9_000) } as const;
    expect(await ben.ask(asked)).toEqual({ code: "forbidden" });
  });

  it("lets go at once of whoever leaves", async () => {
    const { session, anna, ito, picture } = await openPair();
    const seen = await ito.take(picture);
    const ids = [anna.ticket.send?.id, anna.ticket.receive.id];
    await node.leave(session, "anna");
    expect(made.transports.filter(({ id }) => ids.includes(id)).map(({ closed }) => closed)).toEqual([
      true,
      true,
    ]);
    expect(seen.closed).toBe(true);
    expect(ito.offers).toEqual([]);
    expect(await anna.ask({ ask: "withhold", from: [] })).toEqual({ code: "call_gone" });
    await node.leave(session, "anna");
  });

  it("takes nothing that is not well formed, and goes on", async () => {
    const { session, anna, ito, picture } = await openPair();
    const wrong: readonly unknown[] = [
      null,
      { ask: "fly" },
      { ask: "produce", slot: "audio" },
      { ask: "withhold", presence: anna.ticket.presence, from: "ben" },
      { ask: "withhold", presence: anna.ticket.presence, from: [], more: 1 },
    ];
    for (const data of wrong) {
      await expect(node.signal(session, "anna", data)).rejects.toMatchObject({ code: "invalid_payload" });
    }
    const refused = async (asked: Parameters<Guest["ask"]>[0]) => (await anna.ask(asked)).code;
    const codecs = [{ mimeType: "video/none", payloadType: 96, clockRate: 1 }];
    expect(await refused({ ask: "produce", slot: "video", rtpParameters: { codecs } })).toBe(
      "invalid_payload",
    );
    // The same numbers as another's of the same browser.
    const parameters = rtpOf("audio", 2_000);
    expect(await refused({ ask: "produce", slot: "screen", rtpParameters: parameters })).toBe(
      "invalid_payload",
    );
    const transport = anna.ticket.receive.id;
    expect(await refused({ ask: "connect", transport, dtlsParameters: {} })).toBe("invalid_payload");
    expect(await refused({ ask: "connect", transport: "none", dtlsParameters: {} })).not.toBeUndefined();
    const none = { rtpCapabilities: { codecs: [] } };
    expect((await ito.ask({ ask: "consume", producer: picture, ...none })).code).toBe(
      "participant_not_found",
    );
    expect(await refused({ ask: "watch", consumer: "none", on: true })).toBe("participant_not_found");
    const again = await anna.ask({ ask: "restartIce", transport });
    expect(again).toHaveProperty("iceParameters.usernameFragment");
    await anna.give("video", 5_000);
    expect(ito.offers).toContain("anna video");
  });

  it("connects once, however often it is asked", async () => {
    const { anna } = await openPair();
    const fingerprints = [{ algorithm: "sha-256", value: Array<string>(32).fill("AB").join(":") }];
    const asked = {
      ask: "connect",
      transport: anna.ticket.receive.id,
      dtlsParameters: { role: "client", fingerprints },
    } as const;
    expect(await anna.ask(asked)).toEqual({});
    expect(await anna.ask(asked)).toEqual({});
  });

  it("knows of no session that was not opened, or is over", async () => {
    const session = newSession();
    const gone = { code: "call_gone" };
    await expect(node.join(session, { person: "anna", polite: false })).rejects.toMatchObject(gone);
    await node.open(session);
    await node.open(session);
    expect(node.sessions().filter(({ ref }) => ref.id === session.ref.id)).toHaveLength(1);
    await node.closeSession(session);
    await node.closeSession(session);
    await expect(node.join(session, { person: "anna", polite: false })).rejects.toMatchObject(gone);
  });

  it("carries RTP to whatever taps a session, from a whole picture on", async () => {
    const router = await made.workers[0]?.createRouter({
      mediaCodecs: [{ kind: "video", mimeType: "video/VP8", clockRate: 90_000 }],
    });
    if (!router) throw new Error("no router");
    const [rtp, rtcp, source] = [createSocket("udp4"), createSocket("udp4"), createSocket("udp4")];
    for (const socket of [rtp, rtcp]) socket.bind(0, "127.0.0.1");
    await Promise.all([rtp, rtcp].map((socket) => once(socket, "listening")));
    const transport = await router.createPlainTransport({
      listenIp: "127.0.0.1",
      comedia: true,
      rtcpMux: true,
    });
    const [encoding] = [{ ssrc: 77 }];
    const producer = await transport.produce({
      kind: "video",
      rtpParameters: { ...rtpOf("video", 77), encodings: [encoding] },
    });
    const changes: TapChange["change"][] = [];
    const tap = new SessionTap(router, async () => {});
    tap.watch(({ change }) => changes.push(change));
    tap.given({ person: "anna", slot: "video", producer, off: false });
    producer.observer.once("close", () => tap.ended(producer.id));
    expect(tap.sources()).toMatchObject([{ person: "anna", slot: "video", kind: "video" }]);

    const stream = await tap.take(producer.id, { port: rtp.address().port, rtcpPort: rtcp.address().port });
    expect([tap.size, tap.takes(producer.id)]).toEqual([1, true]);
    await stream.resume();
    const packet = once(rtp, "message");
    let sequence = 0;
    const sending = setInterval(() => {
      sequence += 1;
      source.send(vp8KeyFrame(sequence), transport.tuple.localPort, "127.0.0.1");
    }, 10);
    const [received] = (await packet) as [Buffer];
    clearInterval(sending);
    expect((received[1] ?? 0) & 0x7f).toBe(stream.payloadType);
    producer.close();
    expect(changes).toEqual(["given", "ended"]);
    expect(tap.size).toBe(0);
    for (const socket of [rtp, rtcp, source]) socket.close();
    router.close();
  });
});

withWorker("a media node's own troubles", () => {
  it("ends sessions that nobody uses", async () => {
    const node = await startNode({ idleMs: 100 });
    const session = newSession();
    const made = new Made();
    const ended = nextEvent(node, "ended");
    await node.open(session);
    expect(await ended).toEqual({ event: "ended", session });
    const used = newSession();
    await node.open(used);
    await Guest.join(node, used, "anna", made);
    const other = newSession();
    const gone = nextEvent(node, "ended");
    await node.open(other);
    expect(await gone).toEqual({ event: "ended", session: other });
    expect(node.sessions()).toEqual([used]);
    node.close();
  });

  it("lets go of whoever was let in and never came", async () => {
    const node = await startNode({ goneMs: 50 });
    const session = newSession();
    await node.open(session);
    const anna = await Guest.join(node, session, "anna", new Made());
    const asked = () => anna.ask({ ask: "withhold", from: [] });
    expect(await asked()).toEqual({});
    await eventually(asked).toEqual({ code: "call_gone" });
    node.close();
  });

  it("is told at once that a worker was killed, and opens sessions again soon after", async () => {
    const made = new Made();
    const node = await startNode();
    const session = newSession();
    await node.open(session);
    const anna = await Guest.join(node, session, "anna", made);
    const gone = nextEvent(node, "gone");
    const pid = made.workers.at(-1)?.pid ?? 0;
    process.kill(pid, "SIGKILL");
    expect(await gone).toEqual({ event: "gone", session, reason: "worker_died" });
    expect(await anna.ask({ ask: "withhold", from: [] })).toEqual({ code: "call_gone" });
    expect(node.load()).toMatchObject({ workers: 0, sessions: 0 });
    await eventually(() =>
      node.open(session).then(
        () => "open",
        () => "not yet",
      ),
    ).toBe("open");
    node.close();
  });

  it("ends a worker that stands still", async () => {
    const made = new Made();
    const node = await startNode();
    const session = newSession();
    await node.open(session);
    const gone = nextEvent(node, "gone");
    process.kill(made.workers.at(-1)?.pid ?? 0, "SIGSTOP");
    expect(await gone).toMatchObject({ reason: "worker_died" });
    node.close();
  }, 30_000);

  it("takes no more than it can carry", async () => {
    const made = new Made();
    const node = await startNode({ consumersPerWorker: 1 });
    const session = newSession();
    await node.open(session);
    const [anna, ito] = [
      await Guest.join(node, session, "anna", made),
      await Guest.join(node, session, "ito", made),
    ];
    const [sound, picture] = [await anna.give("audio", 10), await anna.give("video", 20)];
    await ito.take(sound);
    const rtpCapabilities = ito.ticket.routerRtpCapabilities;
    expect(await ito.ask({ ask: "consume", producer: picture, rtpCapabilities })).toEqual({ code: "busy" });
    await expect(Guest.join(node, session, "ben", made)).rejects.toMatchObject({ code: "busy" });
    await expect(node.open(newSession())).rejects.toMatchObject({ code: "media_unavailable" });
    node.close();
  });

  it("spreads sessions over its workers", async () => {
    const node = await startNode({}, { workers: 2 });
    expect(node.load().workers).toBe(1);
    for (const session of [newSession(), newSession()]) await node.open(session);
    expect(node.load()).toMatchObject({ workers: 2, sessions: 2 });
    node.close();
  });

  it("drains: it takes nothing new, says which sessions are to go, and waits for them", async () => {
    const node = await startNode();
    const session = newSession();
    await node.open(session);
    const said = nextEvent(node, "drain");
    const drained = node.drain(30_000);
    expect(await said).toEqual({ event: "drain", session });
    expect(node.load().draining).toBe(true);
    await expect(node.open(newSession())).rejects.toMatchObject({ code: "media_unavailable" });
    await node.closeSession(session);
    await drained;
    node.close();
  });
});

it("says in words that its worker is not there, or is none", async () => {
  const start = (workerBin: string) =>
    Node.start({
      id: "node",
      settings: { workerBin, path: [], workers: 1, port: 0, listen: [{ ip: "127.0.0.1", announced: null }] },
      log: quiet,
    });
  await expect(start("/nowhere/mediasoup-worker")).rejects.toBeInstanceOf(NoWorker);
  await expect(start(process.execPath)).rejects.toThrow(/does not start: it has to be mediasoup-worker \d/);
});

/** The least that is a whole picture of VP8, in RTP. */
function vp8KeyFrame(sequence: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt8(0x80, 0);
  head.writeUInt8(0x80 | 96, 1);
  head.writeUInt16BE(sequence, 2);
  head.writeUInt32BE(sequence * 3_000, 4);
  head.writeUInt32BE(77, 8);
  const frame = Buffer.from([0x10, 0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10, 0x00, 0x00]);
  return Buffer.concat([head, frame]);
}

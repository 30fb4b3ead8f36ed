import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { RtpPortPool, untilHeard } from "./rtp-ports.ts";

describe("ports for what is recorded", () => {
  it("are two that follow each other, below those of sockets that ask for no certain one", async () => {
    const pool = new RtpPortPool();
    const taken = await Promise.all(Array.from({ length: 100 }, () => pool.take()));
    expect(new Set(taken.map(({ port }) => port)).size).toBe(taken.length);
    for (const { port, rtcpPort } of taken) {
      expect(port % 2).toBe(0);
      expect(rtcpPort).toBe(port + 1);
      expect(port).toBeGreaterThanOrEqual(10_000);
      expect(rtcpPort).toBeLessThan(32_768);
    }
  });

  it("are heard once somebody listens there, and not before", async () => {
    const { port } = await new RtpPortPool().take();
    await expect(untilHeard(port, 100)).rejects.toThrow("nobody");
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    await once(socket, "listening");
    await untilHeard(port, 5_000);
    socket.close();
  });
});

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSocketServer, type Socket, type Server as SocketServer } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { afterEach, describe, expect, it } from "vitest";
import { createReach, privateRanges } from "./addresses.ts";
import { OutboundFailed } from "./failure.ts";
import { createOutbound, OutboundRefused } from "./outbound.ts";

const anywhere = async () => ["93.184.216.34"];
const strict = createOutbound({ allowed: [], resolve: anywhere });
const reason = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "allowed",
    (error: unknown) =>
      error instanceof OutboundRefused || error instanceof OutboundFailed ? error.reason : String(error),
  );

describe("addresses that are never called", () => {
  it.each([
    // One address in the notations that parsers of addresses have taken for others.
    ...["127.0.0.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.1"],
    ...[
      "127.0.0.1.",
      "１２７.０.０.１",
      "127。0。0。1",
      "⑫7.0.0.1",
      "%31%32%37.0.0.1",
      "0x7F.0x0.0x0.0x1",
      "0",
    ],
    ...["[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]"],
    ...["[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"],
    ...["[2001:0:7f00:1::]", "[::]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]"],
    ...["[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[2001:2::1]", "[2001:10::1]", "[4000::1]"],
    ...["169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]"],
    ...[
      "10.0.0.1",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.0.1",
      "100.64.0.1",
      "0.0.0.0",
      "255.255.255.255",
    ],
    ...["224.0.0.1", "239.255.255.255", "240.0.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1"],
    ...["203.0.113.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "10.1", "0xa000001"],
  ])("https://%s/", async (host) => {
    expect(await reason(strict.check(`https://${host}/`))).toBe("address");
  });

  it.each([
    ["http://example.com/", "scheme"],
    ["ftp://example.com/", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["gopher://example.com/", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["https://user@example.com/", "credentials"],
    ["https://user:word@example.com/", "credentials"],
    ["https://example.com@127.0.0.1/", "credentials"],
    ["https://example.com:22/", "port"],
    ["https://example.com:25/", "port"],
    ["https://example.com:6379/", "port"],
    ["https://example.com:5432/", "port"],
    ["https://localhost/", "name"],
    ["https://LOCALHOST./", "name"],
    ["https://ｌｏｃａｌｈｏｓｔ/", "name"],
    ["https://db.localhost/", "name"],
    ["https://metadata.google.internal/", "name"],
    ["https://printer.local/", "name"],
    ["https://intranet/", "name"],
    ["https://[fe80::1%25eth0]/", "url"],
    ["https://[fe80::1%eth0]/", "url"],
    ["https://1.2.3.4.5/", "url"],
    ["https://256.256.256.256/", "url"],
    ["https://", "url"],
    ["example.com", "url"],
    ["", "url"],
    [`https://example.com/${"a".repeat(2_048)}`, "url"],
  ])("%s: %s", async (url, expected) => {
    expect(await reason(strict.check(url))).toBe(expected);
  });

  it.each([
    "https://example.com/",
    "https://example.com:8443/a?b",
    "https://93.184.216.34/",
    "https://münchen.de/",
  ])("but %s is", async (url) => expect(await reason(strict.check(url))).toBe("allowed"));

  it("whatever the notation: no IPv4 address that is not public, however it is written", async () => {
    const notations = [
      (bytes: readonly number[]) => bytes.join("."),
      (bytes: readonly number[]) => bytes.map((byte) => `0x${byte.toString(16)}`).join("."),
      (bytes: readonly number[]) => bytes.map((byte) => `0${byte.toString(8)}`).join("."),
      (bytes: readonly number[]) => String(Buffer.from(bytes).readUInt32BE()),
      (bytes: readonly number[]) => `0x${Buffer.from(bytes).toString("hex")}`,
      (bytes: readonly number[]) => `${bytes[0]}.${Buffer.from([0, ...bytes.slice(1)]).readUInt32BE()}`,
      (bytes: readonly number[]) => `[::ffff:${bytes.join(".")}]`,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
        fc.constantFrom(...notations),
        async (bytes, notation) => {
          const plain = bytes.join(".");
          const expected = await reason(strict.check(`https://${plain}/`));
          expect(await reason(strict.check(`https://${notation(bytes)}/`))).toBe(expected);
          const isUnicast = ipaddr.IPv4.parse(plain).range() === "unicast" && plain !== "168.63.129.16";
          expect(expected).toBe(isUnicast ? "allowed" : "address");
        },
      ),
      { numRuns: 300 },
    );
  });

  it("no IPv6 address outside of what networks were given, and no tunnel into IPv4", () => {
    const reach = createReach([]);
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const text = parts.map((part) => part.toString(16)).join(":");
        const first = parts[0] ?? 0;
        if (first < 0x2000 || first > 0x3fff || first === 0x2002) expect(reach(text)).toBe("none");
      }),
    );
  });
});

describe("private networks, where the operator allows them", () => {
  const own = createReach(privateRanges);

  it.each(["127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "::1", "100.64.0.1"])(
    "%s is one's own",
    (address) => {
      expect(own(address)).toBe("private");
    },
  );

  it.each([
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "224.0.0.1",
  ])("%s stays forbidden", (address) => {
    expect(own(address)).toBe("none");
    expect(createReach(["0.0.0.0/0", "::/0"])(address)).toBe("none");
  });

  it("a range allows itself and nothing else", () => {
    const reach = createReach(["10.20.0.0/16"]);
    expect(["10.20.1.1", "10.21.1.1", "127.0.0.1", "8.8.8.8"].map(reach)).toEqual([
      "private",
      "none",
      "none",
      "public",
    ]);
  });

  it("http stays inside", async () => {
    const lenient = (address: string) =>
      createOutbound({ allowed: privateRanges, resolve: async () => [address] }).check(
        "http://his.clinic/hook",
      );
    expect(await reason(lenient("10.0.0.7"))).toBe("allowed");
    expect(await reason(lenient("93.184.216.34"))).toBe("scheme");
  });
});

describe("a call", () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0)) await step();
  });
  const listen = async (server: SocketServer): Promise<number> => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    undo.push(() => server.close());
    const address = server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  };
  const serve = (handler: RequestListener) => listen(createServer(handler));
  const request = { headers: { "x-test": "1" }, body: "{}", timeoutMs: 2_000 };
  const local = (resolve: (name: string) => Promise<readonly string[]>) =>
    createOutbound({ allowed: privateRanges, resolve });

  it("goes to the address that was looked at, under the name that was asked for", async () => {
    const hosts: (string | undefined)[] = [];
    const port = await serve((received, response) => {
      hosts.push(received.headers.host);
      response.writeHead(204).end();
    });
    const asked: string[] = [];
    const outbound = local(async (name) => {
      asked.push(name);
      return ["127.0.0.1"];
    });
    expect(await outbound.post(`http://his.clinic:${port}/hook`, request)).toMatchObject({ status: 204 });
    expect([asked, hosts]).toEqual([["his.clinic"], [`his.clinic:${port}`]]);
  });

  it("is refused when the name answers privately later (DNS rebinding), or beside a public answer", async () => {
    let called = 0;
    const port = await serve((_, response) => {
      called += 1;
      response.end();
    });
    const answers = [["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "127.0.0.1"]];
    const outbound = createOutbound({ allowed: [], resolve: async () => answers.shift() ?? [] });
    const url = `https://rebinding.example:${port}/`;
    await outbound.check(url);
    expect(await reason(outbound.post(url, request))).toBe("address");
    expect(await reason(outbound.post(url, request))).toBe("address");
    expect(await reason(outbound.post(url, request))).toBe("unresolved");
    expect(called).toBe(0);
  });

  it("follows no redirect", async () => {
    let inside = 0;
    const secret = await serve((_, response) => {
      inside += 1;
      response.end();
    });
    const port = await serve((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${secret}/` }).end(),
    );
    expect(await local(async () => ["127.0.0.1"]).post(`http://a.example:${port}/`, request)).toMatchObject({
      status: 302,
    });
    expect(inside).toBe(0);
  });

  it("ends in time: while a name is looked up, a server is silent, or an answer does not end", async () => {
    const brief = { ...request, timeoutMs: 150 };
    const never = new Promise<never>(() => {});
    expect(await reason(local(() => never).post("http://a.example/", brief))).toBe("timeout");
    const silent = await serve(() => {});
    const dripping = await serve((_, response) => void response.write("a"));
    for (const port of [silent, dripping])
      expect(await reason(local(async () => ["127.0.0.1"]).post(`http://a.example:${port}/`, brief))).toBe(
        "timeout",
      );
  });

  it("reads no more of an answer than it has to", async () => {
    let sent = 0;
    const port = await serve((_, response) => {
      const push = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
      };
      response.on("drain", push);
      push();
    });
    expect(await local(async () => ["127.0.0.1"]).post(`http://a.example:${port}/`, request)).toMatchObject({
      status: 200,
    });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it("says what went wrong", async () => {
    const talk = async (greet: (socket: Socket) => void): Promise<string> => {
      const port = await listen(createSocketServer(greet));
      return reason(local(async () => ["127.0.0.1"]).post(`http://a.example:${port}/`, request));
    };
    expect(await talk((socket) => socket.end("garbage\r\n\r\n"))).toBe("malformed");
    expect(await talk((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"))).toBe(
      "malformed",
    );
    expect(await talk((socket) => socket.destroy())).toBe("unreachable");
    const port = await serve((_, response) => response.end());
    const outbound = local(async () => ["127.0.0.1"]);
    expect(await reason(outbound.post(`https://a.example:${port}/`, request))).toBe("tls");
    const missing = Object.assign(new Error(), { code: "ENOTFOUND" });
    expect(await reason(local(() => Promise.reject(missing)).post("http://a.example/", request))).toBe(
      "unresolved",
    );
  });
});

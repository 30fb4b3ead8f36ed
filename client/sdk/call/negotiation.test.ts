import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeNetwork, FakePeer } from "../testing/fake-peer.ts";
import { FakeTrack } from "../testing/fake-track.ts";
import { settle } from "../testing/manual-clock.ts";
import { Negotiation, type NegotiationMessage } from "./negotiation.ts";

type Name = "impolite" | "polite";
const names = ["impolite", "polite"] as const;
const otherOf = (name: Name): Name => (name === "polite" ? "impolite" : "polite");

/** Two ends, and what they have said to each other that has not arrived. */
class Two {
  readonly peers: Record<Name, FakePeer>;
  readonly faults: unknown[] = [];
  lost = false;
  readonly underway: Record<Name, NegotiationMessage[]> = { impolite: [], polite: [] };
  private readonly network = new FakeNetwork();
  private readonly ends: Record<Name, Negotiation>;

  constructor(politeness: Record<Name, boolean> = { impolite: false, polite: true }) {
    const end = (name: Name) => {
      const peer = new FakePeer(name, this.network, {
        negotiationNeeded: () => void this.ends[name].offer().catch((error) => this.faults.push(error)),
        candidate: () => undefined,
        track: () => undefined,
        connectionState: () => undefined,
      });
      const talk = new Negotiation(peer, politeness[name], (said) => this.underway[name].push(said));
      return { peer, talk };
    };
    const [a, b] = [end("impolite"), end("polite")];
    this.peers = { impolite: a.peer, polite: b.peer };
    this.ends = { impolite: a.talk, polite: b.talk };
  }

  /** The oldest thing that this end has said arrives. */
  deliver(from: Name): void {
    const message = this.underway[from].shift();
    if (message) this.ends[otherOf(from)].take(message).catch((error) => this.faults.push(error));
  }

  lose(): void {
    this.lost ||= names.some((name) => this.underway[name].length > 0);
    for (const name of names) this.underway[name].length = 0;
  }

  repeat(): void {
    for (const name of names) this.ends[name].repeat();
  }

  /** Everything arrives, until nothing more is said. */
  async finish(): Promise<void> {
    for (let rounds = 0; rounds < 100; rounds += 1) {
      await settle();
      if (names.every((name) => this.underway[name].length === 0)) return;
      for (const name of names) this.deliver(name);
    }
    throw new Error("They never come to an end.");
  }
}

async function agreed(two: Two): Promise<void> {
  for (const name of names) {
    const [own, other] = [two.peers[name], two.peers[otherOf(name)]];
    expect(own.signalingState).toBe("stable");
    expect(own.connectionState).toBe("connected");
    expect([...other.seen.keys()].sort()).toEqual(own.sends.map(({ id }) => id).sort());
  }
  expect(two.faults).toEqual([]);
}

const kinds = ["audio", "video"] as const;
type Step =
  | { readonly do: "deliver" | "restart"; readonly who: Name }
  | { readonly do: "add"; readonly who: Name; readonly kind: (typeof kinds)[number] }
  | { readonly do: "lose" | "repeat" | "wait" | "tick" };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("deliver" as const), who: fc.constantFrom(...names) }),
  fc.record({
    do: fc.constant("add" as const),
    who: fc.constantFrom(...names),
    kind: fc.constantFrom(...kinds),
  }),
  fc.record({ do: fc.constant("restart" as const), who: fc.constantFrom(...names) }),
  fc.record({ do: fc.constantFrom("lose" as const, "repeat" as const) }),
  fc.record({ do: fc.constantFrom("wait" as const, "tick" as const) }),
);

/** An offer that had been answered was taken once more, in place of one of the answerer's own. */
const answerSaidAgain: Step[] = [
  { do: "wait" },
  { do: "deliver", who: "impolite" },
  { do: "wait" },
  { do: "restart", who: "polite" },
  { do: "repeat" },
];

test("two ends agree in the end, whatever they want at once and whatever is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const two = new Two();
      for (const one of steps) {
        if (one.do === "deliver") two.deliver(one.who);
        else if (one.do === "add") two.peers[one.who].add(new FakeTrack(one.kind), "main");
        else if (one.do === "restart") two.peers[one.who].restartIce();
        else if (one.do === "lose") two.lose();
        else if (one.do === "repeat") two.repeat();
        else if (one.do === "tick") await null;
        else await settle();
      }
      await two.finish();
      if (two.lost) two.repeat();
      await two.finish();
      await agreed(two);
    }),
    { numRuns: 400, examples: [[answerSaidAgain]] },
  );
});

test("where two offers meet, the polite end takes its own back", async () => {
  const two = new Two();
  two.peers.polite.add(new FakeTrack("video"), "main");
  await settle();
  expect(names.map((name) => two.underway[name].map(({ kind }) => kind))).toEqual([["offer"], ["offer"]]);
  await two.finish();
  await agreed(two);
});

test("two that are both impolite do not come together: politeness matters", async () => {
  const two = new Two({ impolite: false, polite: false });
  await two.finish();
  two.repeat();
  await two.finish();
  expect(two.peers.polite.signalingState).toBe("have-local-offer");
});

test("an offer that arrives twice at once makes no third one", async () => {
  const two = new Two();
  await settle();
  two.repeat();
  two.deliver("impolite");
  two.deliver("impolite");
  await two.finish();
  await agreed(two);
});

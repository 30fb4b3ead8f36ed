import { expect } from "vitest";
import type { Chat, ConnectionStatus } from "../../client/sdk/index.ts";
import { until } from "../sdk/clinic.ts";

/** People who go on talking in a chat while something is done to it. */
export interface Talk {
  /** Resolves when so many more messages were acknowledged. */
  further(count: number): Promise<void>;
  /** Ends it; resolves with what was acknowledged, when everybody shows all of it. */
  end(): Promise<readonly Acknowledged[]>;
  /** Where the connections stood since the beginning, each status once. */
  statuses(): readonly ConnectionStatus[];
}

export interface Acknowledged {
  readonly seq: number;
  readonly body: string;
}

/** Each says the next thing as soon as the last one is acknowledged. All of them have to be live. */
export function startTalk(chats: readonly Chat[], name: string): Talk {
  const acknowledged: Acknowledged[] = [];
  const statuses = new Set<ConnectionStatus>();
  const waiting = new Set<() => void>();
  let going = true;
  const stops = chats.map((chat) => chat.on("change", ({ status }) => statuses.add(status)));
  const talking = chats.map(async (chat, person) => {
    for (let n = 0; going; n += 1) {
      const body = `${name} ${person} ${n}`;
      const { seq } = await chat.send(body);
      acknowledged.push({ seq, body });
      for (const look of [...waiting]) look();
    }
  });
  // It is told at the end, also where the test has failed by then.
  for (const one of talking) one.catch(() => {});
  return {
    further: (count) => {
      const goal = acknowledged.length + count;
      return new Promise((resolve) => {
        const look = () => {
          if (acknowledged.length < goal) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    end: async () => {
      going = false;
      await Promise.all(talking);
      const wanted = acknowledged.toSorted((a, b) => a.seq - b.seq);
      await Promise.all(
        chats.map((chat) => until(chat, (shown) => said(shown, name).length >= wanted.length)),
      );
      for (const chat of chats) expect(said(chat.snapshot, name)).toEqual(wanted);
      for (const stop of stops) stop();
      return wanted;
    },
    statuses: () => [...statuses],
  };
}

/** What a chat shows of a talk. */
function said({ messages }: Chat["snapshot"], name: string): readonly Acknowledged[] {
  return messages.flatMap(({ seq, body }) => (body?.startsWith(`${name} `) ? [{ seq, body }] : []));
}

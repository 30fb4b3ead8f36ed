import type { Client, Room } from "@colyseus/sdk";

export interface ChatEvent {
  readonly seq: number;
  readonly prev: number;
  readonly type: string;
}

/** Shows a chat with the stock client alone, wherever the room goes. What is within is docs/stock-client.md's. */
export function followChat(client: Client, id: string, show: (event: ChatEvent) => void) {
  // In the docs from here
  let room: Room;
  let lastSeq = 0; // or where the history ends that you have loaded

  function use(next: Room): void {
    const before = room;
    room = next;
    room.reconnection.enabled = false; // it would dial the process that the room has left
    room.onMessage("events", take);
    room.onMessage("room.moved", ({ seat }) => client.consumeSeatReservation(seat).then(use, join));
    room.onLeave((code) => {
      if (room === next && ![4000, 4101, 4102, 4103].includes(code)) later(join);
    });
    if (before?.connection.isOpen) before.leave();
    catchUp();
  }

  const join = (): Promise<void> =>
    client.joinOrCreate("chat", { room: id }).then(use, ({ code }) => {
      if (![401, 403, 404].includes(code)) later(join);
    });
  const later = (run: () => unknown) => setTimeout(run, 100 + 400 * Math.random());

  function take(events: readonly ChatEvent[]): void {
    for (const event of events.filter(({ seq }) => seq > lastSeq)) {
      if (event.prev > lastSeq) catchUp(); // something is missing
      if (event.prev > lastSeq) return;
      show(event);
      lastSeq = event.seq;
    }
  }

  async function catchUp(): Promise<void> {
    try {
      const { events, more } = await room.request("chat.resume", { after: lastSeq });
      take(events);
      if (more) await catchUp();
    } catch {
      if (room.connection.isOpen) later(catchUp); // otherwise the next connection does it
    }
  }

  async function send(body: string): Promise<{ readonly seq: number; readonly at: number }> {
    const message = { id: crypto.randomUUID(), body };
    for (;;) {
      const reply = await room.request("chat.send", message).catch(({ reason }) => {
        if (reason && !["busy", "rate_limited", "room_closed"].includes(reason.code)) throw reason;
      });
      if (reply) return reply;
      await new Promise<void>((resolve) => later(resolve)); // no answer: once more, the server takes each id once
    }
  }
  // to here.
  return { joined: join(), send, room: () => room };
}

/** Rooms of one kind that are open, each once. */
export class OpenRooms<Room> {
  private readonly rooms = new Map<string, Room>();

  /** The room of that id; opened where it is not. */
  take(id: string, open: () => Room): Room {
    const room = this.rooms.get(id) ?? open();
    this.rooms.set(id, room);
    return room;
  }

  /** The room is closed. */
  drop(room: Room): void {
    for (const [id, open] of this.rooms) if (open === room) this.rooms.delete(id);
  }

  /** The room goes on under another id, unless one is open there already. */
  move(room: Room, to: string): void {
    this.drop(room);
    if (!this.rooms.has(to)) this.rooms.set(to, room);
  }

  all(): readonly Room[] {
    return [...this.rooms.values()];
  }
}

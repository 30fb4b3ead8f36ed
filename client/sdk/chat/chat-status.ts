import type { Rejection } from "../../../core/domain/errors.ts";
import type { ConnectionStatus } from "../types.ts";

/** How a chat is connected, and whether all of it is there. */
export class ChatStatus {
  reason: Rejection | null = null;
  private readonly changed: () => void;
  private connection: ConnectionStatus = "connecting";
  private mending = false;

  /** `changed` is told whenever something else is to be shown. */
  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** A gap on a living connection is shown as what it is: not everything is there. */
  get shown(): ConnectionStatus {
    return this.connection === "live" && this.mending ? "recovering" : this.connection;
  }

  connectionIs(status: ConnectionStatus, reason: Rejection | null): void {
    this.change(() => {
      this.connection = status;
      this.reason = reason;
    });
  }

  isMending(on: boolean): void {
    this.change(() => {
      this.mending = on;
    });
  }

  private change(to: () => void): void {
    const before = this.shown;
    to();
    if (this.shown !== before) this.changed();
  }
}

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { OutboxScope, OutboxStore, StoredMessage } from "./outbox-store.ts";

type Row = OutboxScope & { readonly id: string; readonly message: StoredMessage };

interface Schema extends DBSchema {
  outbox: {
    key: [origin: string, person: string, chat: string, id: string];
    value: Row;
    indexes: { chat: [string, string, string]; person: [string, string] };
  };
}

/** A store that survives the page, in the browser's IndexedDB. It opens at the first use. */
export function idbOutboxStore(name = "hugmedo"): OutboxStore {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const forget = () => {
    opened = null;
  };
  const database = () => {
    opened ??= openDB<Schema>(name, 1, { upgrade, terminated: forget }).catch((error: unknown) => {
      forget();
      throw error;
    });
    return opened;
  };
  return {
    load: async ({ origin, person, chat }) => {
      const rows = await (await database()).getAllFromIndex("outbox", "chat", [origin, person, chat]);
      return rows.map(({ message }) => message).sort((a, b) => a.writtenAt - b.writtenAt);
    },
    put: async ({ origin, person, chat }, message) => {
      await (await database()).put("outbox", { origin, person, chat, id: message.id, message });
    },
    remove: async ({ origin, person, chat }, id) => {
      await (await database()).delete("outbox", [origin, person, chat, id]);
    },
    clear: async ({ origin, person }) => {
      const transaction = (await database()).transaction("outbox", "readwrite");
      const keys = await transaction.store.index("person").getAllKeys([origin, person]);
      await Promise.all(keys.map((key) => transaction.store.delete(key)));
      await transaction.done;
    },
  };
}

function upgrade(database: IDBPDatabase<Schema>): void {
  const store = database.createObjectStore("outbox", { keyPath: ["origin", "person", "chat", "id"] });
  store.createIndex("chat", ["origin", "person", "chat"]);
  store.createIndex("person", ["origin", "person"]);
}

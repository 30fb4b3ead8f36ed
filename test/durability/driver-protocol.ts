/** What the driver is told to do. */
export type DriverOrder = { readonly does: "start" } | { readonly does: "settle"; readonly withinMs: number };

/** What the driver tells. `unsettled`: who had not come to rest in time, in a few words each. */
export type DriverReport =
  | { readonly is: "ready"; readonly chats: readonly string[] }
  | { readonly is: "acks"; readonly count: number }
  | { readonly is: "settled"; readonly unsettled: readonly string[] };

/**
 * Remembers that the person signed out while the server could not be told. The cookie that would sign them
 * in again is out of a script's reach, so the next start has to tell the server first.
 */
export interface SignOutMark {
  readonly set: boolean;
  write(set: boolean): void;
}

const key = "hugmedo-signed-out";

/** Kept in the browser's storage for the origin; where there is none, for as long as the page. */
export function signOutMark(
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null,
): SignOutMark {
  return {
    get set() {
      return storage?.getItem(key) === "1";
    },
    write: (set) => {
      if (set) storage?.setItem(key, "1");
      else storage?.removeItem(key);
    },
  };
}

/** The page's storage; null where there is none, or the person keeps pages from using it. */
export function pageStorage(): Storage | null {
  try {
    return typeof window === "undefined" ? null : window.localStorage;
  } catch {
    return null;
  }
}

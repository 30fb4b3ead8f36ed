import type { ConsentKind, ShownText } from "../../../../../core/domain/consent/consent.ts";
import type { ConsentText, Session } from "../../../../sdk/types.ts";

/** The organisation's own words for what one agrees to. Until they are here, and where there are none, the page has its own. */
export class ConsentWords {
  #texts = $state.raw<readonly ConsentText[]>([]);

  constructor(session: Pick<Session, "consentTexts">) {
    session.consentTexts().then(
      (texts) => {
        this.#texts = texts;
      },
      () => {},
    );
  }

  /** null: the page's own words are shown. */
  of(what: ConsentKind, language: string): (ShownText & { readonly body: string }) | null {
    const found = this.#texts.find((text) => text.kind === what && text.language.split("-")[0] === language);
    return found ? { version: found.version, language: found.language, body: found.body } : null;
  }
}

/** What to say of the text that was on the screen. */
export function shownText(words: ShownText | null): ShownText | undefined {
  return words ? { version: words.version, language: words.language } : undefined;
}

import { type Dictionary, en } from "./en.ts";
import { ja } from "./ja.ts";

export const languages = { ja: "日本語", en: "English" } as const;
export type LanguageCode = keyof typeof languages;
export const languageCodes: readonly LanguageCode[] = ["ja", "en"];

const dictionaries: Readonly<Record<LanguageCode, Dictionary>> = { en, ja };
const key = "hugmedo.language";

/** What a language is chosen from and kept in. */
export interface LanguageSource {
  readonly storage: Pick<Storage, "getItem" | "setItem"> | null;
  /** The reader's languages, the best first. */
  readonly preferred: readonly string[];
}

/** The language of the page: the one chosen before, else the reader's first that we speak, else English. */
export class Language {
  readonly #source: LanguageSource;
  #code = $state<LanguageCode>("en");
  /** The words. */
  readonly t = $derived(dictionaries[this.#code]);

  constructor(source: LanguageSource) {
    this.#source = source;
    const first = source.preferred.map(speaks).find((code) => code !== null);
    this.#code = remembered(source) ?? first ?? "en";
  }

  /** For `Intl`: the reader's own region of the language. */
  get locale(): string {
    return this.#source.preferred.find((tag) => speaks(tag) === this.#code) ?? this.#code;
  }

  get code(): LanguageCode {
    return this.#code;
  }

  choose(code: LanguageCode): void {
    this.#code = code;
    try {
      this.#source.storage?.setItem(key, code);
    } catch {
      // A full or forbidden storage only means that it is asked again.
    }
  }
}

function speaks(tag: string): LanguageCode | null {
  const code = tag.toLowerCase().split("-")[0] ?? "";
  return isLanguage(code) ? code : null;
}

function remembered({ storage }: LanguageSource): LanguageCode | null {
  try {
    const code = storage?.getItem(key) ?? "";
    return isLanguage(code) ? code : null;
  } catch {
    return null;
  }
}

function isLanguage(code: string): code is LanguageCode {
  return Object.hasOwn(languages, code);
}

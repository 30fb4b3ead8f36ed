const titled = /(さん|様|先生|医師|\))$/;
const japanese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** A name as one says it: with さん, unless it has a title already, is foreign, or ends in its reading. */
export const san = (name: string): string =>
  japanese.test(name) && !titled.test(name) ? `${name}さん` : name;

/** Whoever asks the same while an answer is on its way gets that answer: what many need at once is looked up once. */
export function shared<Args extends readonly unknown[], T>(
  keyOf: (...args: Args) => string,
  ask: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  const asking = new Map<string, Promise<T>>();
  return (...args) => {
    const key = keyOf(...args);
    const known = asking.get(key);
    if (known) return known;
    const answer = ask(...args).finally(() => asking.delete(key));
    asking.set(key, answer);
    return answer;
  };
}

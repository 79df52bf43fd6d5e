/** Longest text that is remembered, and how many are before all are forgotten: a stranger's texts cannot fill memory. */
const LONGEST = 64;
const MOST = 4096;

/**
 * The same function with a memory of what it answered. For names only: a fleet has few models, so the same few texts come
 * again and again.
 */
export function remember(answer: (text: string) => string): (text: string) => string {
  const answers = new Map<string, string>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const fresh = answer(text);
    if (text.length <= LONGEST) {
      if (answers.size >= MOST) answers.clear();
      answers.set(text, fresh);
    }
    return fresh;
  };
}

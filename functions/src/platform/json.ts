/** What the text says, or undefined when it is not JSON: for text whose schema is checked next anyway. */
export const jsonOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

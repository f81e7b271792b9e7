/** The beginning of a text, in a form that can be stored: half of a character at its end becomes a replacement character. */
export const cutText = (text: string, maxLength: number): string => text.slice(0, maxLength).toWellFormed();

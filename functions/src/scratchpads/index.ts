export { entriesOfTask, writeEntry } from './entries.firestore.ts';
export { readPad } from './read-pad.ts';
export { assemble, renderMarkdown, type Scratchpad } from './render.ts';
export { type Notes } from './schemas.ts';

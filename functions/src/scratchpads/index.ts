export { entriesOfTask, writeEntry } from './entries.firestore.ts';
export { type FollowProgress } from './pad-events.ts';
export { readPad } from './read-pad.ts';
export { assemble, renderMarkdown, type Progress, type Scratchpad } from './render.ts';
export { type Notes } from './schemas.ts';

// Speaking to other coordinators: what other domains may use. The shapes of what is said are in schemas.ts.
export { messageIdFor } from './ids.ts';
export { addMessage, findMessage, type MessageDraft } from './messages.firestore.ts';

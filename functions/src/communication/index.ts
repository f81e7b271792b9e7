// Speaking to other coordinators: what other domains may use. The shapes of what is said are in schemas.ts.
export { addMessage, type MessageDraft } from './messages.firestore.ts';

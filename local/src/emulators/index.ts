// The official Firestore and Pub/Sub emulators, started and stopped with the suite.
export { startFirestoreEmulator } from './firestore.ts';
export { startPubsubEmulator } from './pubsub.ts';
export { choosePort, withPort } from './ports.ts';
export type { Emulator } from './launch.ts';

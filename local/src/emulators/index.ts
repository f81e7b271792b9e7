// The official Firestore and Pub/Sub emulators, started and stopped with the suite.
export { startFirestoreEmulator, type FirestoreEmulatorOptions } from './firestore.ts';
export { startPubsubEmulator, type PubsubEmulatorOptions } from './pubsub.ts';
export { choosePort, withPort, type PortWish } from './ports.ts';
export type { Emulator } from './launch.ts';

import type { Emulator } from '../../../local/src/emulators/index.ts';

/** The emulators that the setup started, by the variable that names them: what the teardown has to stop. */
export const running = new Map<string, Emulator>();

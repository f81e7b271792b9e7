// Jest's globalTeardown: stops what the setup started, and forgets where it was, as `jest --watch` runs the setup again.
import { running } from './running.ts';

export default async (): Promise<void> => {
  await Promise.all([...running.values()].map((emulator) => emulator.stop()));
  for (const variable of running.keys()) Reflect.deleteProperty(process.env, variable);
  running.clear();
};

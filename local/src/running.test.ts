import { expect, test } from '@jest/globals';
import { makeRunning } from './running.ts';

test('stops the first part before the others, also those that had not started yet, and leaves out what failed to start', async () => {
  const running = makeRunning();
  const stopped: string[] = [];
  const stop = async (name: string) => {
    await Promise.resolve();
    stopped.push(name);
  };
  const late = Promise.withResolvers<string>();
  await running.add(Promise.resolve('host'), stop);
  void running.add(late.promise, stop);
  await expect(running.add(Promise.reject<string>(new Error('no Java')), stop)).rejects.toThrow('no Java');
  const stopping = running.stopAll();
  late.resolve('emulator');
  await stopping;
  expect(stopped).toEqual(['host', 'emulator']);
});

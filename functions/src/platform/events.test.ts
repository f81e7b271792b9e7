import { beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';

// The logger keeps the console's methods when it is loaded, so the recorder must be in place before.
const lines: string[] = [];
for (const method of ['debug', 'info', 'warn', 'error'] as const) {
  console[method] = (line: string) => void lines.push(line);
}
const { messageFunction } = await import('./events.ts');
beforeEach(() => void lines.splice(0));

const secret = 'hunter2';

/** Hands a message over as the platform does; resolves with what it was answered. */
const deliver = async (text: string, handle: () => Promise<void> = () => Promise.resolve()): Promise<unknown> => {
  const schema = z.strictObject({ org: z.string(), kind: z.enum(['a', 'b']) });
  const keep = () => Promise.resolve();
  const run = messageFunction({ topic: 'things', schema, options: {}, keep, handle });
  const time = new Date().toISOString();
  const message = { data: Buffer.from(text).toString('base64'), attributes: {}, messageId: '1', publishTime: time };
  try {
    return await run({
      specversion: '1.0',
      id: '1',
      source: 'test',
      type: 'google.cloud.pubsub.topic.v1.messagePublished',
      time,
      data: { message, subscription: 's' },
    });
  } catch (error) {
    return error;
  }
};

test.each([
  ['is not JSON', `${secret} and more`],
  ['breaks off', `{"${secret}": "${secret}`],
  ['has an unknown field', JSON.stringify({ org: 'acme', kind: 'a', [secret]: secret })],
  ['has a value that is none of those known', JSON.stringify({ org: 'acme', kind: secret })],
  ['has a field of another type', JSON.stringify({ org: [secret], kind: 'a' })],
  ['is a string', JSON.stringify(secret)],
])('a message that %s leaves nothing of itself in the log', async (_, text) => {
  await deliver(text);
  expect(lines.join()).toContain('platform.invalid_input');
  expect(lines.join()).not.toContain(secret);
});

test('what a handler could not read is in neither the log nor the error that the platform logs', async () => {
  const thrown = await deliver(JSON.stringify({ org: 'acme', kind: 'a' }), () =>
    Promise.resolve(void JSON.parse(`${secret} and more`)),
  );
  expect(lines.join()).toContain('SyntaxError');
  expect(thrown).toBeInstanceOf(Error);
  expect([lines.join(), (thrown as Error).stack].join()).not.toContain(secret);
});

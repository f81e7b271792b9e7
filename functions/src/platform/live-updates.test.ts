import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { eachUpdate } from './live-updates.ts';

/** A source that the test brings updates to, and that counts how often it was read and stopped. */
const source = () => {
  const controller = new AbortController();
  let bringNow: (update: string) => void = () => undefined;
  let failNow: (error: unknown) => void = () => undefined;
  const counts = { reads: 0, stops: 0 };
  return {
    controller,
    counts,
    bring: (update: string) => bringNow(update),
    fail: (message: string) => failNow(new Error(message)),
    live: {
      signal: controller.signal,
      listen: (bring: (update: string) => void, fail: (error: unknown) => void) => {
        bringNow = bring;
        failNow = fail;
        return () => {
          counts.stops += 1;
        };
      },
      read: () => Promise.resolve(`read ${++counts.reads}`),
      join: (earlier: string, later: string) => `${earlier}, ${later}`,
    },
  };
};

/** Follows until it has seen so many updates. */
const collect = (live: Parameters<typeof eachUpdate<string>>[0], wanted: number) => {
  const seen: string[] = [];
  const end = eachUpdate<string>(live, (update) => {
    seen.push(update);
    return Promise.resolve(seen.length === wanted ? 'enough' : undefined);
  });
  return { seen, end };
};

afterEach(() => {
  jest.useRealTimers();
});

describe('eachUpdate', () => {
  test('hands over what is brought in order, and reads once the listener stands', async () => {
    const { live, bring, counts } = source();
    const seen: string[] = [];
    const end = eachUpdate<string>(live, (update) => {
      seen.push(update);
      return Promise.resolve(update.endsWith('read 1') ? 'enough' : undefined);
    });
    bring('one');
    bring('two');
    await end;
    expect(seen.join(', ')).toBe('one, two, read 1');
    expect(counts).toEqual({ reads: 1, stops: 1 });
  });

  test('joins what is brought while the handler is busy, so that a slow reader has one update waiting', async () => {
    const { live, bring } = source();
    const started = Promise.withResolvers<undefined>();
    const mayGoOn = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    const end = eachUpdate<string>({ ...live, read: () => new Promise(() => undefined) }, async (update) => {
      seen.push(update);
      started.resolve(undefined);
      await mayGoOn.promise;
      return seen.length === 2 ? 'enough' : undefined;
    });
    bring('one');
    await started.promise;
    ['two', 'three', 'four'].forEach(bring);
    mayGoOn.resolve(undefined);
    await end;
    expect(seen).toEqual(['one', 'two, three, four']);
  });

  test('reads again now and then, in case a change was not told', async () => {
    jest.useFakeTimers();
    const { live, counts } = source();
    const { seen, end } = collect(live, 2);
    await jest.advanceTimersByTimeAsync(60_000);
    await end;
    expect(seen).toEqual(['read 1', 'read 2']);
    expect(counts.stops).toBe(1);
  });

  test('handles one update at a time', async () => {
    const { live, bring } = source();
    let busy = false;
    let handled = 0;
    const end = eachUpdate<string>(live, async () => {
      expect(busy).toBe(false);
      busy = true;
      bring('more');
      await Promise.resolve();
      busy = false;
      return ++handled === 3 ? 'enough' : undefined;
    });
    bring('one');
    await end;
  });

  test('ends without a word when the reader goes, and stops the listener', async () => {
    const { live, bring, fail, controller, counts } = source();
    const { end } = collect(live, 99);
    bring('one');
    controller.abort();
    await end;
    fail('too late to be told');
    expect(counts.stops).toBe(1);
  });

  test('a failure of the source or of the handler ends it, and stops the listener', async () => {
    const failing = source();
    const { end } = collect(failing.live, 99);
    failing.fail('gone');
    await expect(end).rejects.toThrow('gone');

    const handled = source();
    const handling = eachUpdate<string>(handled.live, () => Promise.reject(new Error('no room')));
    handled.bring('one');
    await expect(handling).rejects.toThrow('no room');
    expect([failing.counts.stops, handled.counts.stops]).toEqual([1, 1]);
  });

  test('what a handler fails with after the reader has gone is nobody’s', async () => {
    const { live, bring, controller, counts } = source();
    const end = eachUpdate<string>(live, () => {
      controller.abort();
      return Promise.reject(new Error('the connection is closed'));
    });
    bring('one');
    await end;
    expect(counts.stops).toBe(1);
  });
});

import { describe, expect, test } from '@jest/globals';
import { readManifest } from './manifest.ts';

const withEndpoint = (endpoint: object, params: object[] = []) => ({
  specVersion: 'v1alpha1',
  endpoints: { subject: { platform: 'gcfv2', entryPoint: 'subject', ...endpoint } },
  params,
});
const read = (endpoint: object, params: object[] = [], environment: Record<string, string> = {}) =>
  readManifest(withEndpoint(endpoint, params), environment).functions[0];

describe('the manifest of a codebase', () => {
  test('leaves options that are not set to the platform', () => {
    expect(read({ httpsTrigger: {}, region: null, timeoutSeconds: null, concurrency: null })).toEqual({
      name: 'subject',
      entryPoint: 'subject',
      region: 'us-central1',
      timeoutMs: 60_000,
      concurrency: 80,
      maxInstances: 100,
      trigger: { kind: 'https' },
    });
  });

  test('names the trigger of every kind that is served', () => {
    const event = (eventType: string, filters: object) => ({ eventTrigger: { eventType, ...filters, retry: true } });
    expect(
      read(event('google.cloud.pubsub.topic.v1.messagePublished', { eventFilters: { topic: 't-1' } })),
    ).toMatchObject({
      trigger: { kind: 'pubsub', topic: 't-1', retry: true },
    });
    expect(
      read(event('google.cloud.firestore.document.v1.created', { eventFilterPathPatterns: { document: 'a/{b}' } })),
    ).toMatchObject({
      trigger: { kind: 'firestore', document: 'a/{b}', pattern: true, database: '(default)', retry: true },
    });
    expect(read({ scheduleTrigger: { schedule: 'every day 03:00', retryConfig: { retryCount: 2 } } })).toMatchObject({
      trigger: { kind: 'schedule', schedule: 'every day 03:00', retries: 2 },
    });
    expect(read({ callableTrigger: {} })).toMatchObject({ trigger: { kind: 'https' } });
  });

  test('says which events have no local source', () => {
    expect(
      read({ eventTrigger: { eventType: 'google.cloud.storage.object.v1.finalized', retry: false } }),
    ).toMatchObject({
      trigger: { kind: 'unserved', what: 'google.cloud.storage.object.v1.finalized' },
    });
  });

  test('gives params their value from the environment, else their default, also inside options', () => {
    const params = [
      { name: 'TOPIC', type: 'string', default: 'tasks' },
      { name: 'SECONDS', type: 'int', default: 30 },
    ];
    const endpoint = {
      timeoutSeconds: '{{ params.SECONDS }}',
      eventTrigger: {
        eventType: 'google.cloud.pubsub.topic.v1.messagePublished',
        eventFilters: { topic: '{{ params.TOPIC }}-urgent' },
        retry: false,
      },
    };
    expect(read(endpoint, params)).toMatchObject({ timeoutMs: 30_000, trigger: { topic: 'tasks-urgent' } });
    expect(read(endpoint, params, { TOPIC: 'jobs' })).toMatchObject({ trigger: { topic: 'jobs-urgent' } });
    expect(readManifest(withEndpoint({}, params), { TOPIC: 'jobs' }).params).toEqual({ TOPIC: 'jobs', SECONDS: '30' });
  });

  test('tells which params and secrets have no value', () => {
    const params = [
      { name: 'GIVEN', type: 'string' },
      { name: 'OPEN', type: 'string' },
      { name: 'KEY', type: 'secret' },
    ];
    expect(readManifest(withEndpoint({}, params), { GIVEN: 'x' }).missing).toEqual(['OPEN', 'KEY']);
  });
});

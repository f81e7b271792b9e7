import { describe, expect, test } from '@jest/globals';
import { artifactKinds, type ArtifactKind } from '../artifacts/index.ts';
import { lateralBody, upwardBody } from '../communication/schemas.ts';
import type { DesignNews } from './design-news.ts';
import { messagesOnCompletion, waitMessage } from './messages.ts';
import { reportOn } from './report.ts';
import type { Artifact, Wait } from './schemas.ts';
import { at, deadlineAt, someTask } from './test-records.ts';

const task = someTask();
const report = reportOn(task, [], { ending: { state: 'completed' }, gates: [] }, at);
const artifactOf = (kind: ArtifactKind): Artifact => ({
  ...{ id: kind, org: task.org, task: task.id, kind, title: `The ${kind}`, content: '', sha256: 'abc' },
  ...{ specialist: 'nodejs-expert', epoch: 1, createdAt: at },
});
const news: DesignNews = { endpoints: [], breaking: [], compared: false, alarms: [], above: [] };
const told = (kinds: readonly ArtifactKind[], rest: Partial<DesignNews> = {}) =>
  messagesOnCompletion(report, kinds.map(artifactOf), { ...news, ...rest });
const migrationIn = (rest: Partial<DesignNews>) =>
  told(['openapi'], rest).flatMap(({ body }) => ('content' in body ? [body.content['migration']] : []))[0];

describe('the messages of a completed task', () => {
  test('are the report, and for each coordinator beside us what it needs of what was made', () => {
    const drafts = told(artifactKinds);
    const [first, ...rest] = drafts;
    expect(first).toMatchObject({ kind: 'report', body: { status: 'completed', agent: 'backend-coordinator' } });
    expect(rest.map(({ body }) => ('type' in body ? [body.to, body.type] : []))).toEqual([
      ['frontend-coordinator', 'api_update'],
      ['quality-coordinator', 'test_request'],
      ['devops-coordinator', 'deployment_ready'],
    ]);
    expect(new Set(drafts.map(({ key }) => key)).size).toBe(drafts.length);
  });

  test('say what callers of an earlier contract must follow', () => {
    expect(migrationIn({})).toBe('First contract of the service');
    expect(migrationIn({ compared: true })).toBe('Backward compatible');
    expect(migrationIn({ compared: true, breaking: ['operation-removed at /a'] })).toBe(
      'Breaking: operation-removed at /a',
    );
  });

  test('fit what can be sent, however much has changed', () => {
    const much = Array.from({ length: 300 }, (_, index) => `operation-removed at /${index}${'x'.repeat(30_000)}`);
    for (const { kind, body } of told(artifactKinds, { breaking: much, endpoints: much, compared: true })) {
      expect((kind === 'lateral' ? lateralBody : upwardBody).safeParse(body)).toMatchObject({ success: true });
    }
  });
});

describe('the message of a wait', () => {
  const wait: Wait = {
    ...{ id: 'a', kind: 'input', assignment: 'a', party: 'submitter', reason: 'Which region?' },
    ...{ deadlineAt, onSilence: 'proceed' },
  };

  test('says who is waited for, why, until when, and what silence stands for (C1)', () => {
    const { body } = waitMessage(task, wait);
    expect(body).toMatchObject({
      status: 'update',
      summary: 'A task: waits for an answer from submitter',
      concerns: ['Which region?', 'Without an answer by 2026-11-22T13:00:00.000Z: proceed.'],
    });
  });

  test('is another one for each wait, and the same for the same', () => {
    const later = { ...wait, deadlineAt: new Date(deadlineAt.getTime() + 1) };
    expect(waitMessage(task, wait).key).toBe(waitMessage(task, { ...wait }).key);
    expect(waitMessage(task, later).key).not.toBe(waitMessage(task, wait).key);
  });
});

import { describe, expect, test } from '@jest/globals';
import { builtInAgent } from '../agents/built-in.ts';
import type { Agent } from '../agents/index.ts';
import { builtinSpecialist } from '../agents/schemas.ts';
import { orgId } from '../platform/schemas.ts';
import { proposalRequest, readProposal } from './proposal.ts';
import { submission, type Analysis } from './schemas.ts';

const agents = builtinSpecialist.options.map((id) => builtInAgent(orgId.parse('acme'), id));
const analysis: Analysis = {
  category: 'database-schema',
  primary: 'firebase-specialist',
  support: ['database-optimizer'],
  priority: 'medium',
  decidedBy: 'caller',
  reason: '',
};
const design = { id: 'design', specialist: 'firebase-specialist', title: 'Design', artifactKind: 'firestore-schema' };
const review = {
  id: 'review',
  specialist: 'database-optimizer',
  title: 'Review',
  artifactKind: 'code-review',
  dependsOn: ['design'],
};
const read = (assignments: object[], known: readonly Agent[] = agents) =>
  readProposal(JSON.stringify({ assignments }), analysis, known);
const without = (gone: string) => agents.filter(({ id }) => id !== gone);

describe('a proposed plan', () => {
  test('stands with every supporting specialist at work', () => {
    expect(read([design, review])).toMatchObject({ plan: [{ id: 'design' }, { id: 'review' }] });
  });

  test('without one of them does not, and the reason names who is missing', () => {
    expect(read([design])).toEqual({ rejected: expect.stringContaining('database-optimizer') });
  });

  test('can do without one that the org has switched off', () => {
    expect(read([design], without('database-optimizer'))).toHaveProperty('plan');
  });

  test('that breaks a guard-rail does not stand, whoever takes part', () => {
    expect(read([design, { ...review, dependsOn: ['nothing'] }])).toEqual({
      rejected: expect.stringContaining('guard-rail'),
    });
  });
});

describe('the request for a plan', () => {
  const wanted = submission.parse({ title: 'Store recipes' });

  test('names those who must take part, and only those who can', () => {
    expect(proposalRequest(wanted, analysis, agents).system).toContain('database-optimizer must take part');
    expect(proposalRequest(wanted, analysis, without('database-optimizer')).system).not.toContain('must take part');
  });
});

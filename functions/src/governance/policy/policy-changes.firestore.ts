// The changes of what an org is judged by, under `orgs/{org}/policyChanges`. They are written in the commit of the change itself, and never
// again.
import { firestore, parseOptional, readDocument, type Batch } from '../../platform/firestore.ts';
import { jsonHash } from '../../platform/hash.ts';
import { readPage, type Page, type PageRequest } from '../../platform/page.firestore.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { policyChange, type PolicyChange } from './schemas.ts';

const changesOf = (org: OrgId) => firestore().collection('orgs').doc(org).collection('policyChanges');

/** The id follows from what can happen once only. */
const changeIdFor = (org: OrgId, what: readonly (string | number)[]): string =>
  `chg_${jsonHash([org, ...what]).slice(0, 20)}`;

export type NewChange = Omit<PolicyChange, 'id'>;

const idOf = ({ org, step, subject, approval, createdAt }: NewChange): string =>
  step === 'proposed' && approval !== null
    ? proposalIdFor(org, approval)
    : changeIdFor(org, [
        subject.kind,
        ...(subject.kind === 'policy' ? [subject.from, createdAt.getTime()] : [subject.key]),
      ]);

const proposalIdFor = (org: OrgId, approval: string): string => changeIdFor(org, ['proposed', approval]);

export const addChange = (batch: Batch, change: NewChange): void => {
  const id = idOf(change);
  batch.create(changesOf(change.org).doc(id), { ...change, id });
};

/** What was proposed by the request. */
export const findProposal = async (org: OrgId, approval: string): Promise<PolicyChange | undefined> =>
  parseOptional(policyChange, await readDocument(changesOf(org).doc(proposalIdFor(org, approval))))?.value;

/** Newest first. */
export const pageOfChanges = (org: OrgId, page: PageRequest): Promise<Page<PolicyChange>> =>
  readPage({ schema: policyChange, collection: changesOf(org) }, page);

import { jsonHash } from '../../platform/hash.ts';
import type { OrgId } from '../../platform/schemas.ts';
import { approvalId, type ApprovalId } from './schemas.ts';

/** The id follows from the org and the key, so asking twice for the same thing meets the same record (C9). */
export const approvalIdFor = (org: OrgId, key: string): ApprovalId =>
  approvalId.parse(`apr_${jsonHash([org, key]).slice(0, 20)}`);

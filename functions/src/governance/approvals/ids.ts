import { createHash } from 'node:crypto';
import type { OrgId } from '../../platform/schemas.ts';
import { approvalId, type ApprovalId } from './schemas.ts';

/** The id follows from the org and the key, so asking twice for the same thing meets the same record (C9). */
export const approvalIdFor = (org: OrgId, key: string): ApprovalId =>
  approvalId.parse(
    `apr_${createHash('sha256')
      .update(JSON.stringify([org, key]))
      .digest('hex')
      .slice(0, 20)}`,
  );

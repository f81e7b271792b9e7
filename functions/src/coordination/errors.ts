import { defineErrors } from '../platform/errors.ts';

export const coordinationErrors = defineErrors('coordination', {
  taskNotFound: { status: 404, title: 'There is no such task', retry: 'never' },
  assignmentNotFound: { status: 404, title: 'There is no such assignment', retry: 'never' },
  artifactNotFound: { status: 404, title: 'There is no such artifact', retry: 'never' },
  reportNotFound: { status: 404, title: 'The task has no report yet', retry: 'never' },
  deadLetterNotFound: { status: 404, title: 'There is no such dead letter', retry: 'never' },
  deadLetterUnreadable: { status: 422, title: 'The dead letter cannot be sent again as it is', retry: 'never' },
  deadLetterForeign: { status: 422, title: 'The payload belongs to another org', retry: 'never' },
  keyReused: { status: 409, title: 'The idempotency key was used with another request', retry: 'never' },
  taskIsOver: { status: 409, title: 'The task is over already', retry: 'never' },
  invalidPlan: { status: 422, title: 'The plan breaks a guard-rail', retry: 'never' },
  invalidCursor: { status: 400, title: 'The cursor is not one of ours', retry: 'never' },
  deadlineInPast: { status: 422, title: 'The deadline has passed already', retry: 'never' },
  deadlineExceeded: { status: 504, title: 'The deadline passed before the work was done', retry: 'never' },
  assignmentFailed: { status: 502, title: 'An assignment failed', retry: 'never' },
  artifactInvalid: { status: 502, title: 'The specialist did not deliver a valid artifact', retry: 'never' },
  gateFailed: { status: 502, title: 'A quality gate failed', retry: 'never' },
  leased: { status: 503, title: 'Another instance is working on it', retry: 'later' },
  providersBusy: { status: 503, title: 'No model provider could answer, the work is tried again', retry: 'later' },
});

import { defineErrors } from '../platform/errors.ts';

export const artifactErrors = defineErrors('artifacts', {
  checksBusy: { status: 503, title: 'Too many artifacts wait for their check', retry: 'later' },
});

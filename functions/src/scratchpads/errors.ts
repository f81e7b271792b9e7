import { defineErrors } from '../platform/errors.ts';

export const scratchpadErrors = defineErrors('scratchpads', {
  sectionNotFound: { status: 404, title: 'There is no such section', retry: 'never' },
  revisionNotFound: { status: 404, title: 'There is no such revision', retry: 'never' },
  archived: { status: 409, title: 'The scratchpad is archived', retry: 'never' },
  tooLarge: { status: 422, title: 'The scratchpad would grow too large', retry: 'never' },
  linkedToItself: { status: 422, title: 'A scratchpad cannot be related to itself', retry: 'never' },
});

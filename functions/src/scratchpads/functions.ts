import { onDocumentCreated } from 'firebase-functions/v2/firestore';
import { region } from '../config.ts';
import { readable } from '../platform/firestore.ts';
import { isPending } from './entries.firestore.ts';
import { mergeNotes } from './merge-notes.ts';
import { entry } from './schemas.ts';

/** The created entry is the message: no note is committed and then forgotten. */
export const mergeScratchpad = onDocumentCreated(
  {
    document: 'orgs/{org}/tasks/{task}/scratchpad/{entry}',
    region,
    retry: true,
    timeoutSeconds: 120,
    memory: '512MiB',
    concurrency: 80,
  },
  async ({ data }) => {
    if (!data || !isPending(data)) return;
    for (const { value } of readable(entry, data)) await mergeNotes(value.org, value.task);
  },
);

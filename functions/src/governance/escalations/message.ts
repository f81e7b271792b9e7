// What a party is told: the peer by the lateral message of the specification, those above by the upward one. Pure.
import type { MessageDraft } from '../../communication/index.ts';
import type { Escalation, LadderStep } from './schemas.ts';
import { triggerTable } from './triggers.ts';

/** One message for each time that somebody is told: its key names the ladder, by when it began, and the step. */
export const messageTo = (party: LadderStep['party'], escalation: Escalation): MessageDraft => {
  const { id, org, task, step, ladderFrom, createdAt } = escalation;
  const ladder = (ladderFrom ?? createdAt).toISOString();
  const envelope = { org, task, key: `escalation ${id} ladder ${ladder} step ${step}`, subject: `escalations/${id}` };
  const { trigger } = escalation;
  if (party === 'peer') {
    const { peer: to } = triggerTable[trigger];
    const content = { ...figures(escalation), title: escalation.title, evidence: evidenceLines(escalation) };
    return { ...envelope, kind: 'lateral', body: { from: 'backend-coordinator', to, type: 'escalation', content } };
  }
  const concerns = [...asked(party, escalation), triggerTable[trigger].title, ...evidenceLines(escalation)];
  const summary = `${escalation.severity}: ${escalation.title}`;
  const metrics = { ...figures(escalation), party };
  return {
    ...envelope,
    kind: 'escalation',
    body: { agent: 'backend-coordinator', status: 'escalation', summary, metrics, concerns },
  };
};

const figures = ({ id, trigger, severity, occurrences }: Escalation) => ({
  escalation: id,
  trigger,
  severity,
  occurrences,
});

const evidenceLines = ({ evidence }: Escalation) => evidence.map(({ ref, detail }) => `${ref}: ${detail}`);

const asked = (party: LadderStep['party'], { step, ladder, defaultOnSilence }: Escalation): string[] => [
  ...(party === 'human' ? ['Nobody has acknowledged it so far: a person has to look at it.'] : []),
  ...(step === ladder.length && defaultOnSilence === 'stop' ? ['Without an answer the task is to be stopped.'] : []),
];

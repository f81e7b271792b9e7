// The eight escalation triggers of the specification, as data.
import type { LadderStep, Severity, Silence, Trigger } from './schemas.ts';

/** The coordinator beside us who is told first. */
export type Peer = 'frontend-coordinator' | 'quality-coordinator' | 'devops-coordinator';

export interface TriggerRow {
  /** In the words of the specification. */
  readonly title: string;
  /** For what is raised without one of its own. */
  readonly severity: Severity;
  readonly peer: Peer;
  /** True when there is no time to ask a peer first. */
  readonly urgent: boolean;
  readonly onSilence: Silence;
}

export const triggerTable: Readonly<Record<Trigger, TriggerRow>> = {
  'security-vulnerability': {
    title: 'Security vulnerabilities discovered',
    severity: 'high',
    peer: 'quality-coordinator',
    urgent: true,
    onSilence: 'stop',
  },
  'data-loss-risk': {
    title: 'Data loss risk identified',
    severity: 'high',
    peer: 'devops-coordinator',
    urgent: true,
    onSilence: 'stop',
  },
  'service-outage': {
    title: 'Service outages occur',
    severity: 'critical',
    peer: 'devops-coordinator',
    urgent: true,
    onSilence: 'continue',
  },
  'cost-overrun': {
    title: 'Cost overruns detected',
    severity: 'medium',
    peer: 'devops-coordinator',
    urgent: false,
    onSilence: 'stop',
  },
  'breaking-api-change': {
    title: 'API breaking changes needed',
    severity: 'medium',
    peer: 'frontend-coordinator',
    urgent: false,
    onSilence: 'continue',
  },
  compliance: {
    title: 'Compliance issues arise',
    severity: 'high',
    peer: 'quality-coordinator',
    urgent: false,
    onSilence: 'stop',
  },
  'third-party-failure': {
    title: 'Third-party service failures',
    severity: 'medium',
    peer: 'devops-coordinator',
    urgent: false,
    onSilence: 'continue',
  },
  'scalability-limit': {
    title: 'Scalability limits reached',
    severity: 'medium',
    peer: 'devops-coordinator',
    urgent: false,
    onSilence: 'continue',
  },
};

/**
 * The steps for one escalation. What is urgent or critical leaves the peers out and starts at once with whoever comes next; a ladder
 * of peers only stays as it is, as somebody has to be told.
 */
export const ladderFor = (trigger: Trigger, severity: Severity, ladder: readonly LadderStep[]): LadderStep[] => {
  const above = ladder.filter(({ party }) => party !== 'peer');
  const first = above[0];
  if (!first || !(triggerTable[trigger].urgent || severity === 'critical')) return [...ladder];
  return above.map(({ party, afterMinutes }) => ({ party, afterMinutes: afterMinutes - first.afterMinutes }));
};

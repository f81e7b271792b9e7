// The agents of an org and what their role cards say. A leaf.
import { z } from 'zod';
import { artifactKind } from '../artifacts/schemas.ts';
import { boundedArray } from '../platform/bounded.ts';
import { filledText, idPattern, instant, orgId } from '../platform/schemas.ts';

/** Those that every org has: the six of the coordinator's hierarchy, then the three that only its delegation rules name. */
export const builtinSpecialists = [
  'firebase-specialist',
  'api-designer',
  'nodejs-expert',
  'llm-architect',
  'prompt-engineer',
  'ml-engineer',
  'database-optimizer',
  'security-engineer',
  'cloud-architect',
] as const;
export const builtinSpecialist = z.enum(builtinSpecialists);
export type BuiltinSpecialist = z.infer<typeof builtinSpecialist>;

/** Any agent's id, built in or an org's own; whether it exists, only the org's registry knows. */
export const specialistId = z.string().regex(idPattern, 'must be 1 to 64 of a-z, 0-9, - and _');
export type SpecialistId = z.infer<typeof specialistId>;

/** How an agent gets its work: a model that we prompt, its own topic, a POST to its address, or when it asks for some. */
const agentKinds = ['llm', 'pubsub', 'webhook', 'pull'] as const;
export const agentKind = z.enum(agentKinds);
export type AgentKind = z.infer<typeof agentKind>;

const sentence = filledText(300);
const sentences = boundedArray(sentence, 20);
export const skill = z.string().regex(/^[a-z0-9][a-z0-9.+#-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9, ., +, # and -');

const card = {
  name: filledText(80),
  summary: sentence,
  skills: boundedArray(skill, 30).min(1),
  responsibilities: sentences.min(1),
  produces: boundedArray(artifactKind, 50).min(1),
  guidance: sentences,
};

/** What an agent is for and how it works: the part of it that a prompt is made of. */
export const roleCard = z.strictObject({ id: specialistId, kind: agentKind, version: z.int().positive(), ...card });
export type RoleCard = z.infer<typeof roleCard>;

const seconds = (least: number, most: number, usual: number) => z.int().min(least).max(most).default(usual);

export const agentLimits = z.strictObject({
  maxConcurrent: z.int().min(1).max(200).default(10).meta({
    description: 'Assignments in its hands at a time. Claims made in the same moment may exceed it.',
  }),
  leaseSeconds: seconds(10, 3_600, 60).meta({
    description: 'An assignment whose holder has been silent for so long is given out again.',
  }),
  timeoutSeconds: seconds(10, 86_400, 900).meta({
    description:
      'How long a claim may last, however often its lease is renewed; counted anew after an output that was refused. Then the work is given out again.',
  }),
});
export type AgentLimits = z.infer<typeof agentLimits>;

const limits = agentLimits.prefault({});
const nothing = z.null().default(null);

const topicName = z.string().regex(/^[A-Za-z][\w.~+%-]{2,254}$/, 'is not the name of a Pub/Sub topic');

const byModel = { kind: z.literal('llm'), transport: nothing, limits: nothing };
const byTopic = {
  kind: z.literal('pubsub'),
  transport: z.strictObject({
    topic: topicName.meta({ description: 'A topic of this project whose name begins with `agents.<org>.`.' }),
  }),
  limits,
};
const byWebhook = {
  kind: z.literal('webhook'),
  transport: z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_048) }),
  limits,
};
const byAsking = { kind: z.literal('pull'), transport: nothing, limits };

const definition = z.strictObject({ ...card, guidance: sentences.default([]) });

/** What people say of an agent. */
export const agentDefinition = z.discriminatedUnion('kind', [
  definition.extend(byModel),
  definition.extend(byTopic),
  definition.extend(byWebhook),
  definition.extend(byAsking),
]);
export type AgentDefinition = z.infer<typeof agentDefinition>;

const named = definition.extend({ id: specialistId });

/** A definition with the id that the agent is to have. */
export const agentRegistration = z.discriminatedUnion('kind', [
  named.extend(byModel),
  named.extend(byTopic),
  named.extend(byWebhook),
  named.extend(byAsking),
]);
export type AgentRegistration = z.infer<typeof agentRegistration>;

const record = z.object({
  org: orgId,
  id: specialistId,
  version: z.int().positive(),
  ...card,
  enabled: z.boolean(),
  /** The uid of whoever registered or last overrode it; null for what is built in. */
  createdBy: z.string().nullable(),
  createdAt: instant.nullable(),
  updatedAt: instant.nullable(),
});

/**
 * `orgs/{org}/agents/{agent}`. The document of a built-in agent may leave fields out: the code's own card fills them, so that an
 * org which only disables an agent keeps up with its card.
 */
export const agent = z.discriminatedUnion('kind', [
  record.extend(byModel),
  record.extend(byTopic),
  record.extend(byWebhook),
  record.extend(byAsking),
]);
export type Agent = z.infer<typeof agent>;
export type ExternalAgent = Exclude<Agent, { kind: 'llm' }>;

/** `orgs/{org}/agentSecrets/{agent}`: what we sign the agent's webhooks with. No client can read the collection. */
export const agentSecret = z.object({ org: orgId, agent: specialistId, secret: z.string(), createdAt: instant });
export type AgentSecret = z.infer<typeof agentSecret>;

/** `orgs/{org}/agentHealth/{agent}`: apart from the agent itself, whose revision people edit against. */
export const agentHealth = z.object({
  org: orgId,
  agent: specialistId,
  lastSeenAt: instant.nullable().default(null),
  consecutiveFailures: z.int().nonnegative().default(0),
});
export type AgentHealth = z.infer<typeof agentHealth>;

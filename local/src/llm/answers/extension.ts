// What a specialist makes of a service that exists: the accepted artifact with what is new added to it.
import { hasMarker } from '../markers.ts';
import { materialsIn, kindOf } from '../materials.ts';
import { isObject } from '../schema/resolve.ts';

type Extend = (accepted: string, made: string) => string;

const pretty = (value: unknown) => JSON.stringify(value, undefined, 2);
const objectIn = (text: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : {};
};
const joined = (accepted: unknown, made: unknown): unknown =>
  isObject(accepted) && isObject(made)
    ? Object.fromEntries(
        [...new Set([...Object.keys(accepted), ...Object.keys(made)])].map((key) => [
          key,
          key in accepted && key in made ? joined(accepted[key], made[key]) : (accepted[key] ?? made[key]),
        ]),
      )
    : accepted;

const openapi: Extend = (accepted, made) => pretty(joined(objectIn(accepted), objectIn(made)));

const firestoreSchema: Extend = (accepted, made) => {
  const collectionsIn = (text: string) => {
    const { collections } = objectIn(text);
    return Array.isArray(collections) ? collections.filter(isObject) : [];
  };
  const before = collectionsIn(accepted);
  const added = collectionsIn(made).filter(({ path }) => !before.some((each) => each['path'] === path));
  return pretty({ collections: [...before, ...added] });
};

const collectionRules = /^ {6}function isValid[^]*?^ {6}\}\n\n {6}match \/([\w-]+)\/[^]*?^ {6}\}\n/gm;

/** Puts the rules of new collections behind those that are there. */
const securityRules: Extend = (accepted, made) => {
  const added = [...made.matchAll(collectionRules)].filter(([, name]) => !accepted.includes(`match /${name ?? ''}/`));
  const end = accepted.lastIndexOf('    }\n  }\n}');
  return end < 0
    ? accepted
    : `${accepted.slice(0, end)}${added.map(([rules]) => `\n${rules}`).join('')}${accepted.slice(end)}`;
};

const EXTRA_COST = 1.1;

/** A little more than before. */
const deploymentPlan: Extend = (accepted, made) => {
  const cost = objectIn(accepted)['estimatedMonthlyCostUsd'];
  const estimatedMonthlyCostUsd = typeof cost === 'number' ? Math.round(cost * EXTRA_COST * 100) / 100 : cost;
  return pretty({ ...objectIn(made), estimatedMonthlyCostUsd });
};

const extenders: Readonly<Partial<Record<string, Extend>>> = {
  openapi,
  'firestore-schema': firestoreSchema,
  'security-rules': securityRules,
  'deployment-plan': deploymentPlan,
};

/** The artifact as an extension of what the service has accepted; `[[stand-in: replace]]` has it made anew. */
export const extendAccepted = (kind: string, made: string, text: string): string => {
  const accepted = materialsIn(text).find(({ name }) => name.startsWith(`accepted-${kind}: `));
  const extend = extenders[kind];
  return !accepted || !extend || kindOf(accepted) !== kind || hasMarker(text, 'replace')
    ? made
    : extend(accepted.text, made);
};

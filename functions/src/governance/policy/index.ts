export { policyOf, readPolicy, replacePolicy, type PolicyInForce } from './policies.ts';

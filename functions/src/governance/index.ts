export { evaluateGates, type Deliverable } from './gates.ts';

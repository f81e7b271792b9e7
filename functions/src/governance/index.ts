export { evaluateGates, type Deliverable, type GateVerdict } from './gates.ts';

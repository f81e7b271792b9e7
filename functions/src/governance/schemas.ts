// The records of governance. A leaf.
export * from './approvals/schemas.ts';
export * from './decisions/schemas.ts';
export * from './escalations/schemas.ts';
export * from './gates/schemas.ts';
export * from './policy/schemas.ts';

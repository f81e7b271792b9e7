export { cancelTask } from './cancel-task.ts';
export { forkTask, retryTask } from './fork-task.ts';
export { followProgress } from './follow-progress.ts';
export { giveInput } from './give-input.ts';
export { pauseTask, resumeTask } from './pause-task.ts';
export { discardDeadLetter, getDeadLetter, listDeadLetters, replayDeadLetter } from './dead-letters.ts';
export { followEvents, readEvents } from './events.firestore.ts';
export {
  getArtifact,
  getAssignment,
  getReport,
  getScratchpad,
  getTask,
  listArtifacts,
  listAssignments,
  listEffects,
  listTasks,
  standingOf,
} from './read-task.ts';
export { orgReport, sendOrgReport } from './org-report.ts';
export { scheduledKey } from './ids.ts';
export { submitTask } from './submit-task.ts';
export { gatesOf } from './task-gates.ts';

// The defects: each takes away one thing that an invariant (docs/invariants.md) rests on. Where two mechanisms guard the same
// promise, both are taken away, since either alone would do.
import type { Mutation } from './apply.ts';

const engine = 'functions/src/coordination';
const suites = 'functions/test/emulator';
const recovery = `${suites}/coordination/recovery.test.ts`;
const life = `${suites}/coordination/life-of-a-task.test.ts`;
const intake = `${suites}/coordination/intake.test.ts`;
const unknownSpend = `${suites}/coordination/unknown-spend.test.ts`;
const pausing = `${suites}/coordination/pause.test.ts`;
const asking = `${suites}/coordination/input.test.ts`;
const replanning = `${suites}/coordination/replanning.test.ts`;
const cancelling = `${suites}/coordination/cancelling.test.ts`;
const retrying = `${suites}/coordination/retries.test.ts`;
const approving = `${suites}/coordination/approvals.test.ts`;
const forking = `${suites}/coordination/fork.test.ts`;
const pulling = `${suites}/agents/pull.test.ts`;
const leasing = `${suites}/coordination/leases.test.ts`;
const limiting = `${suites}/agents/time-limit.test.ts`;
const budgeting = `${suites}/coordination/budget.test.ts`;

export const mutations: readonly Mutation[] = [
  {
    name: 'a stale author overwrites the record (C2)',
    file: `${engine}/task-store.firestore.ts`,
    edits: [
      { find: ', unchangedSince(change.revision));', replace: ');' },
      {
        find: 'batch.create(eventRef(org, id, stream, seq), event);',
        replace: 'batch.set(eventRef(org, id, stream, seq), event);',
      },
    ],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'a commit whose reply was lost is made again (C2)',
    file: `${engine}/task-store.firestore.ts`,
    edits: [{ find: 'if (written) return written;', replace: 'void written;' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'a commit whose reply was lost counts as not made (C2)',
    file: 'functions/src/platform/firestore.ts',
    edits: [
      {
        find: "operation === 'commit' ? storeErrors.outcomeUnknown : storeErrors.unavailable",
        replace: 'storeErrors.unavailable',
      },
    ],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'two hold one assignment at a time (C2)',
    file: `${engine}/claim.ts`,
    edits: [
      { find: 'if (await isAlive(value, timeOf(revision))) return heldElsewhere(value, claimant.owner);', replace: '' },
    ],
    project: 'emulator',
    tests: [life, recovery, leasing],
  },
  {
    name: 'the holder that died holds for ever (C1)',
    file: `${engine}/instance.firestore.ts`,
    edits: [
      { find: 'nowMs - sign.getTime() <= leaseMs.value()', replace: 'nowMs - sign.getTime() <= 1e9 * leaseMs.value()' },
    ],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'a run that its instance knows nothing of holds for ever (C1)',
    file: `${engine}/instance.firestore.ts`,
    edits: [{ find: ' && runs.includes(owner.run));', replace: ' && runs.length >= 0);' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'the looks of the sweeper keep a dead analysis alive (C1)',
    file: `${engine}/advance-task.ts`,
    edits: [{ find: 'isAlive(task, task.updatedAt)', replace: 'isAlive(task, databaseTime())' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'an instance is forgotten while something still counts as held by it (C1)',
    file: `${engine}/recover.ts`,
    edits: [{ find: '? freshForMs(lastClaimAt) :', replace: '? [freshForMs, lastClaimAt].indexOf(freshForMs) :' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'what could not be looked after waits for another lease (C1)',
    file: `${engine}/recover.ts`,
    edits: [{ find: 'const maxLooks = 4;', replace: 'const maxLooks = 1;' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'who asks what may start is told what was so before (C5)',
    file: 'functions/src/platform/coalesced.ts',
    edits: [
      {
        find: 'turn.next ??= beginAfter(turn.over, key, job);',
        replace: 'turn.next ??= turn.over.then((all) => (all as [{ value: V }])[0].value); void beginAfter;',
      },
    ],
    project: 'unit',
    tests: ['functions/src/platform/coalesced.test.ts'],
  },
  {
    name: 'a narrow task passes by a wide one that waits (F1, F2)',
    file: `${engine}/admission.ts`,
    edits: [{ find: 'limit)) break;', replace: 'limit)) continue;' }],
    project: 'unit',
    tests: ['functions/src/coordination/admission.test.ts'],
  },
  {
    name: 'a cancel does not reach the analysis (C6)',
    file: `${engine}/plan-task.ts`,
    edits: [
      {
        find: '{ signal: controller.signal, deadlineAt }',
        replace: '{ signal: new AbortController().signal, deadlineAt }',
      },
    ],
    project: 'emulator',
    tests: [unknownSpend],
  },
  {
    name: 'a claim intends nothing (C3)',
    file: `${engine}/claim.ts`,
    edits: [{ find: 'writeEffect(batch, reconciled.effect);', replace: '' }],
    project: 'emulator',
    tests: [unknownSpend, retrying],
  },
  {
    name: 'work that kills every run is run for ever (C3)',
    file: `${engine}/effects.ts`,
    edits: [{ find: "last.unknownTries + (last.state === 'intended' ? 1 : 0)", replace: 'last.unknownTries' }],
    project: 'emulator',
    tests: [retrying],
  },
  {
    name: 'what a late run spent is forgotten (C3)',
    file: `${engine}/settle-assignment.ts`,
    edits: [
      {
        find: 'if (!isLostRace(error)) throw error;\n  await recordSpend(lost, calls);',
        replace: 'if (!isLostRace(error)) throw error;',
      },
    ],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'a lost call is not counted (C3)',
    file: `${engine}/claim.ts`,
    edits: [{ find: 'lostCall: hasOpenCall(value)', replace: 'lostCall: false' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'a run that a cancel cuts off has spent nothing (C3)',
    file: `${engine}/finish-task.ts`,
    edits: [{ find: 'lostCall: hasOpenCall(stored.value)', replace: 'lostCall: !hasOpenCall && true' }],
    project: 'emulator',
    tests: [unknownSpend],
  },
  {
    name: 'the report keeps silent about calls under way (C3)',
    file: `${engine}/report.ts`,
    edits: [{ find: '(hasOpenCall(each) ? 1 : 0)', replace: '(hasOpenCall(each) ? 0 : 0)' }],
    project: 'emulator',
    tests: [unknownSpend],
  },
  {
    name: 'an effect that a cancel cuts off stays intended (C3)',
    file: `${engine}/finish-task.ts`,
    edits: [{ find: "writeEffect(batch, { ...effect, state: 'unknown', endedAt: now });", replace: 'void effect;' }],
    project: 'emulator',
    tests: [unknownSpend],
  },
  {
    name: 'what a late analysis spent is forgotten (C3)',
    file: `${engine}/plan-task.ts`,
    edits: [
      {
        find: 'if (hasOpenAnalysis(task.value)) await recordSpend',
        replace: 'if (!hasOpenAnalysis) await recordSpend',
      },
    ],
    project: 'emulator',
    tests: [unknownSpend],
  },
  {
    name: 'an analysis whose plan could not be sent says twice what it spent (C3)',
    file: `${engine}/plan-task.ts`,
    edits: [
      {
        find: 'return await savePlan(task, decided);',
        replace: [
          'const ready = await savePlan(task, decided);',
          'await Promise.all(ready.map((each) => dispatch(each)));',
          'return ready;',
        ].join(' '),
      },
    ],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'what turns up is still counted as lost (C3)',
    file: `${engine}/assignment-state.ts`,
    edits: [{ find: '{ lostCalls: Math.max(0, lostCalls - 1) }', replace: '{ lostCalls }' }],
    project: 'unit',
    tests: [`${engine}/assignment-state.test.ts`],
  },
  {
    name: 'a paused task starts what was free (C5)',
    file: `${engine}/pause-task.ts`,
    edits: [
      {
        find: '.filter(({ value }) => isHoldable(value))\n    .map(',
        replace: '.filter(() => !isHoldable)\n    .map(',
      },
    ],
    project: 'emulator',
    tests: [pausing],
  },
  {
    name: 'a question waits for ever (C1)',
    file: `${engine}/advance-task.ts`,
    edits: [{ find: 'value.question.deadlineAt <= now', replace: 'value.question.deadlineAt < new Date(0)' }],
    project: 'emulator',
    tests: [asking],
  },
  {
    name: 'specialists ask each other without end (C1)',
    file: `${engine}/request-more.ts`,
    edits: [{ find: 'depth < maxDepth && asked < maxAsked', replace: 'depth < maxDepth * 9 && asked < maxAsked * 9' }],
    project: 'emulator',
    tests: [replanning],
  },
  {
    name: 'what was rejected counts',
    file: `${engine}/resume-approved.ts`,
    edits: [{ find: "outcomeOf(approval) === 'granted' ?", replace: "outcomeOf(approval) !== 'pending' ?" }],
    project: 'emulator',
    tests: [approving],
  },
  {
    name: 'a fork pays again for what was achieved',
    file: `${engine}/fork-plan.ts`,
    edits: [{ find: 'return new Set(standing.keys());', replace: 'return new Set([...standing.keys()].slice(0, 0));' }],
    project: 'emulator',
    tests: [forking],
  },
  {
    name: 'what a fork takes over is as new as the fork (Q1 of task-gates.ts)',
    file: `${engine}/assignment-state.ts`,
    edits: [{ find: '...finished(before, finishedAt)', replace: '...finished(before, new Date())' }],
    project: 'emulator',
    tests: [forking],
  },
  {
    name: 'nobody looks at what the service has accepted since a design was delivered (U1)',
    file: `${engine}/publication.ts`,
    edits: [{ find: 'before.task !== comparedWith.get(artifact.id)', replace: 'before.task === artifact.task' }],
    project: 'emulator',
    tests: ['functions/test/emulator/coordination/publication.test.ts'],
  },
  {
    name: 'data without the safeguards that it needs is published unasked (U1)',
    file: `${engine}/design-news.ts`,
    edits: [{ find: "trigger === 'compliance'", replace: "trigger !== 'compliance'" }],
    project: 'emulator',
    tests: ['functions/test/emulator/coordination/compliance.test.ts'],
  },
  {
    name: 'a design replaces one that nobody has compared it with (U2)',
    file: `${engine}/designs.firestore.ts`,
    edits: [
      {
        find: 'if (before) batch.update(ref, { ...accepted }, unchangedSince(before.revision));',
        replace: 'if (before) batch.set(ref, accepted);',
      },
    ],
    project: 'emulator',
    tests: ['functions/test/emulator/coordination/publication.test.ts'],
  },
  {
    name: 'a plan grows by ids that it has (P4)',
    file: `${engine}/plan.ts`,
    edits: [{ find: 'while (taken.has(`${stem}-${number}`)) number++;', replace: '' }],
    project: 'unit',
    tests: [`${engine}/plan.test.ts`],
  },
  {
    name: 'a review that had passed does not see the rework (G3)',
    file: `${engine}/growth.ts`,
    edits: [{ find: '    ...others.filter((each) => !isMaker(each)),\n', replace: '' }],
    project: 'unit',
    tests: [`${engine}/growth.test.ts`],
  },
  {
    name: 'a finding goes to the artifact most likely at fault, whatever it names (G1)',
    file: `${engine}/growth.ts`,
    edits: [{ find: 'if (artifact === null) return [];', replace: 'return [];' }],
    project: 'unit',
    tests: [`${engine}/growth.test.ts`],
  },
  {
    name: 'what was built on a replaced contract is left as it was (G2)',
    file: `${engine}/growth.ts`,
    edits: [
      {
        find: '!notBegun.has(state) && dependsOn.some((each) => changed.has(each));',
        replace: 'state.length === 0 && dependsOn.length === 0;',
      },
    ],
    project: 'unit',
    tests: [`${engine}/growth.test.ts`],
  },
  {
    name: 'a review or a statement passes what is newer than itself (Q1 of task-gates.ts)',
    file: 'functions/src/governance/gates/evidence.ts',
    edits: [{ find: 'finishedAt > saidAt', replace: 'finishedAt > finishedAt' }],
    project: 'unit',
    tests: ['functions/src/governance/gates/evidence.test.ts'],
  },
  {
    name: 'work is published without any evidence (Q1 of task-gates.ts)',
    file: 'functions/src/governance/gates/evaluate-gates.ts',
    edits: [{ find: "status !== 'passed' && status !== 'waived');", replace: "status === 'failed');" }],
    project: 'unit',
    tests: ['functions/src/governance/gates/evaluate-gates.test.ts'],
  },
  {
    name: 'a proposed plan stands that cannot pass its gates (W1 of gates-in-reach.ts)',
    file: 'functions/src/governance/gates/gates-in-reach.ts',
    edits: [{ find: 'judged.every(({ id }) => before.has(id)) &&', replace: '' }],
    project: 'unit',
    tests: ['functions/src/governance/gates/gates-in-reach.test.ts'],
  },
  {
    name: 'a lost lease still delivers (C2)',
    file: `${engine}/external/leased-work.ts`,
    edits: [{ find: ' && isTokenOf(owner.run, lease.token) && epoch === lease.epoch', replace: '' }],
    project: 'emulator',
    tests: [pulling, leasing],
  },
  {
    name: 'an agent is offered nothing that another let go (C1)',
    file: `${engine}/instance.firestore.ts`,
    edits: [{ find: 'return leaseUntil.getTime() > databaseNow()', replace: 'return leaseUntil.getTime() >= 0' }],
    project: 'emulator',
    tests: [pulling],
  },
  {
    name: 'work whose time is up waits for somebody to claim it (C1)',
    file: `${engine}/advance-task.ts`,
    edits: [{ find: 'if (overdue) return failOverdue(overdue);', replace: 'void [overdue, failOverdue];' }],
    project: 'emulator',
    tests: [limiting],
  },
  {
    name: 'a result that comes when the time is up counts (C1)',
    file: `${engine}/external/leased-work.ts`,
    edits: [{ find: 'if (isTimeUp(value, databaseTime())) {', replace: 'if (isTimeUp(value, new Date(0))) {' }],
    project: 'emulator',
    tests: [limiting],
  },
  {
    name: 'the late word of who was cut off passes for the end itself (C3)',
    file: `${engine}/fail-overdue.ts`,
    edits: [{ find: 'epoch: epoch + 1, owner', replace: 'epoch, owner' }],
    project: 'emulator',
    tests: [retrying],
  },
  {
    name: 'work is poison as others were busy before',
    file: `${engine}/retries.ts`,
    edits: [
      { find: 'lastFault?.fault === fault ? lastFault.times : 0', replace: 'lastFault && fault ? lastFault.times : 0' },
    ],
    project: 'unit',
    tests: [`${engine}/retries.test.ts`, `${engine}/assignment-state.test.ts`],
  },
  {
    name: 'work that fails for a reason that nobody foresaw leaves no letter when its run dies (C5)',
    file: `${engine}/give-back.ts`,
    edits: [
      {
        find: 'if (!known && (await held.stillHolds())) await keepPoison(directive, failure);\n    await failAssignment(held, failure, calls);',
        replace: 'await failAssignment(held, failure, calls);\n    if (!known) await keepPoison(directive, failure);',
      },
    ],
    project: 'emulator',
    tests: [retrying],
  },
  {
    name: 'the analysis asks whatever the budget says (R6 of run-assignment.ts)',
    file: `${engine}/plan-task.ts`,
    edits: [{ find: 'isSpent(budgetOf(submission), paid)', replace: 'isSpent(null, paid)' }],
    project: 'emulator',
    tests: [budgeting],
  },
  {
    name: 'a repair is asked for whatever the budget says (R6 of run-assignment.ts)',
    file: `${engine}/run-assignment.ts`,
    edits: [
      {
        find: 'onPaid([]);\n        await requireWithinBudget(held.assignment, { directive, gateway });',
        replace: 'onPaid([]);',
      },
    ],
    project: 'emulator',
    tests: [budgeting],
  },
  {
    name: 'a run claims before it knows what was cancelled (C6)',
    file: `${engine}/run-assignment.ts`,
    edits: [{ find: 'await watch.begun;\n    // C6', replace: '// C6' }],
    project: 'emulator',
    tests: [cancelling],
  },
  {
    name: 'what was said with a commit whose reply was lost is said again (C3)',
    file: `${engine}/settle-assignment.ts`,
    edits: [
      { find: 'if (hasEnded(stored.value, lost)) return follow(stored.value);', replace: '' },
      { find: '!stored.value.calls.some((other) => isSameCall(call, other))', replace: 'true' },
    ],
    project: 'emulator',
    tests: [unknownSpend],
  },
  {
    name: 'an agent that died keeps its hands full (C1)',
    file: `${engine}/external/offers.firestore.ts`,
    edits: [{ find: ".where('leaseUntil', '>', databaseTime())", replace: '' }],
    project: 'emulator',
    tests: [pulling],
  },
  {
    name: 'a task leaves its terminal state (C4)',
    file: `${engine}/task-state.ts`,
    edits: [{ find: 'taskStates.filter((state) => !terminal.has(state))', replace: 'taskStates' }],
    project: 'unit',
    tests: [`${engine}/task-state.test.ts`],
  },
  {
    name: 'an assignment leaves its terminal state (C4)',
    file: `${engine}/assignment-state.ts`,
    edits: [{ find: 'assignmentStates.filter((state) => !terminal.has(state))', replace: 'assignmentStates' }],
    project: 'unit',
    tests: [`${engine}/assignment-state.test.ts`],
  },
  {
    name: 'an event takes the place of the one before it (C4)',
    file: `${engine}/assignment-state.ts`,
    edits: [{ find: 'seq: assignment.seq + 1', replace: 'seq: assignment.seq' }],
    project: 'unit',
    tests: [`${engine}/assignment-state.test.ts`],
  },
  {
    name: 'a reader who comes back gets everything again (C4)',
    file: `${engine}/event-cursor.ts`,
    edits: [{ find: 'const lanes = [...from.lanes];', replace: 'const lanes: number[] = [];' }],
    project: 'unit',
    tests: [`${engine}/event-cursor.test.ts`],
  },
  {
    name: 'what a crash left unsent stays unsent (C5)',
    file: `${engine}/advance-task.ts`,
    edits: [{ find: 'await Promise.all(stuck.map((each) => dispatch(each)));', replace: 'void [stuck, dispatch];' }],
    project: 'emulator',
    tests: [recovery],
  },
  {
    name: 'a join starts with its first predecessor (C5)',
    file: `${engine}/dispatch.ts`,
    edits: [{ find: 'if (await hasUnfinishedPredecessor(done.org, done.task, successor)) return;', replace: '' }],
    project: 'emulator',
    tests: [life],
  },
  {
    name: 'what an assignment has asked for meanwhile is not waited for (C5)',
    file: `${engine}/dispatch.ts`,
    edits: [{ find: 'if (await hasMoreToWaitFor(stored)) return;', replace: 'void hasMoreToWaitFor;' }],
    project: 'emulator',
    tests: [replanning],
  },
  {
    name: 'a cancel reaches no other instance (C6)',
    file: `${engine}/finish-task.ts`,
    edits: [{ find: 'writeCancellation(batch, org, id, now)', replace: 'void writeCancellation' }],
    project: 'emulator',
    tests: [life],
  },
  {
    name: 'a cancelled run goes on (C6)',
    file: `${engine}/cancellations.firestore.ts`,
    edits: [{ find: '?? []) controller.abort();', replace: '?? []) void controller;' }],
    project: 'emulator',
    tests: [life],
  },
  {
    name: 'a run that begins after its cancel goes on (C6)',
    file: `${engine}/cancellations.firestore.ts`,
    edits: [{ find: 'if (cancelled.has(key)) controller.abort();', replace: '' }],
    project: 'emulator',
    tests: [cancelling],
  },
  {
    name: 'what is left of a task that has ended is claimed (C6)',
    file: `${engine}/claim.ts`,
    edits: [{ find: 'return !current || isTaskOver(current.value);', replace: 'return !current || !isTaskOver;' }],
    project: 'emulator',
    tests: [cancelling],
  },
  {
    name: 'what was asked for a task outlives it (A2)',
    file: `${engine}/finish-task.ts`,
    edits: [{ find: ', withdrawApprovals(org, id, databaseTime())]);', replace: ', withdrawApprovals]);' }],
    project: 'emulator',
    tests: [approving],
  },
  {
    name: 'the assignments of a cancelled task stay open (C1)',
    file: `${engine}/finish-task.ts`,
    edits: [
      {
        find: 'await Promise.all(assignments.map(cancelAssignment));',
        replace: 'void [assignments, cancelAssignment];',
      },
    ],
    project: 'emulator',
    tests: [life, recovery],
  },
  {
    name: 'a dead letter is replayed into another org (C8)',
    file: `${engine}/dead-letters.ts`,
    edits: [
      {
        find: 'org !== unroutedOrg && orgInJson(',
        replace: 'org === unroutedOrg && orgInJson(',
      },
    ],
    project: 'emulator',
    tests: [`${suites}/api/dead-letters.test.ts`],
  },
  {
    name: 'a directive is believed that the service did not sign (D1 of proven-directive.ts)',
    file: `${engine}/proven-directive.ts`,
    edits: [{ find: 'isOurs && isConsistent(sent) ? sent', replace: 'isOurs || isConsistent(sent) ? sent' }],
    project: 'emulator',
    tests: [`${suites}/coordination/forged-messages.test.ts`],
  },
  {
    name: 'a key of one caller is a key of all (C9)',
    file: 'functions/src/platform/idempotency.ts',
    edits: [{ find: "['http', uid, key ?? randomUUID()]", replace: "['http', uid.slice(0, 0), key ?? randomUUID()]" }],
    project: 'emulator',
    tests: [`${suites}/api/idempotency.test.ts`],
  },
  {
    name: 'one idempotency key makes many tasks (C9)',
    file: 'functions/src/platform/idempotency.ts',
    edits: [{ find: '...(key ?? [randomUUID()])', replace: 'randomUUID(), ...(key ?? [])' }],
    project: 'emulator',
    tests: [intake],
  },
  {
    name: 'a key is used again for another request (C9)',
    file: `${engine}/submit-task.ts`,
    edits: [{ find: 'stored?.value.requestHash !== wanted.requestHash', replace: '!stored' }],
    project: 'emulator',
    tests: [intake],
  },
  {
    name: 'a duplicate that comes after its deadline is refused (C9)',
    file: `${engine}/submit-task.ts`,
    edits: [{ find: 'accepted?.value.requestHash !== hash', replace: 'accepted?.value.requestHash !== null' }],
    project: 'emulator',
    tests: [intake],
  },
  {
    name: 'a message that comes twice is kept as two dead letters (C9)',
    file: `${engine}/dead-letters.firestore.ts`,
    edits: [
      { find: '.update(`${source}\\n${messageId}`)', replace: '.update(`${source}\\n${messageId}${Math.random()}`)' },
    ],
    project: 'emulator',
    tests: [intake, `${suites}/api/dead-letters.test.ts`],
  },
];

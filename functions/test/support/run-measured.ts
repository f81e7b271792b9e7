// The other side of peak-memory.ts: runs one function of one module, and prints what it took.
const [module = '', work = '', argument = 'null'] = process.argv.slice(2);
const exported = (await import(module)) as Record<string, (argument: unknown) => Promise<unknown>>;
const result = await exported[work]?.(JSON.parse(argument));
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1_024);
// A listener would keep the process from ending.
process.stdout.write(`\n${JSON.stringify({ peakMiB, result: result ?? null })}\n`, () => process.exit(0));

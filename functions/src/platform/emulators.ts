// Emulators accept unsigned tokens and keep nothing, so a deployed instance that one of their variables reaches must not start.
// The Firebase CLI and the local suite run the same code beside emulators on purpose, and say so.

type Environment = Readonly<Record<string, string | undefined>>;

/** Set by Cloud Run for every service; some local hosts set it too. */
const isService = ({ K_SERVICE: service }: Environment): boolean => service !== undefined && service !== '';

const isLocal = ({ FUNCTIONS_EMULATOR: byCli, LOCAL_SUITE: bySuite }: Environment): boolean =>
  byCli === 'true' || bySuite === 'true';

/** Throws when a deployed instance would talk to an emulator instead of the real service. */
export const refuseEmulators = (environment: Environment): void => {
  if (!isService(environment) || isLocal(environment)) return;
  const named = Object.keys(environment).filter((name) => name.endsWith('_EMULATOR_HOST') && environment[name]);
  if (named.length === 0) return;
  throw new Error(
    `This is a deployed service (K_SERVICE is set), and it must not use emulators, which accept unsigned tokens: unset ${named.join(', ')}.`,
  );
};

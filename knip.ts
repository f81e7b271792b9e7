// What nothing needs: files, exports and dependencies that no entry point leads to. Jest's configuration names the tests itself.
import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  workspaces: {
    '.': {
      // The observer of the crash sweep and the hook of the soak are imported by the functions processes, by path.
      entry: [
        'bench/*.ts',
        'proof/*/run.ts',
        'proof/crash-sweep/observer.ts',
        'proof/crash-sweep/worker.ts',
        'proof/soak/hook.ts',
        'examples/*.ts',
      ],
      project: ['{bench,examples,proof}/**/*.ts', '*.{ts,mjs}'],
    },
    functions: {
      // What is measured runs in a process of its own, by path.
      entry: ['src/index.ts', 'src/client.ts', 'test/support/run-measured.ts', 'test/emulator/memory/work.ts'],
      // An optional dependency of firebase-admin, which npm leaves out where the Node that installs is older than the one that runs.
      ignoreDependencies: ['@google-cloud/firestore'],
      project: ['*.ts', '{src,test}/**/*.ts'],
    },
    local: {
      // Programs that the suite starts as processes are named by path, so no import leads to them.
      entry: [
        'src/{start,seed}.ts',
        'src/demo/*.ts',
        'src/functions/{shared-instance,tell-port,follow-suite}.ts',
        'src/functions/fixtures/**/*.ts',
      ],
      project: ['src/**/*.ts'],
    },
  },
  // A type in the signature of an exported function is exported for its readers, used elsewhere or not.
  ignoreExportsUsedInFile: { interface: true, type: true },
};

export default config;

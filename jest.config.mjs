import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export default {
  testEnvironment: 'node',
  // A root that is missing is an error to jest.
  roots: ['apps', 'libs', 'test']
    .filter((name) => existsSync(new URL(name, import.meta.url)))
    .map((name) => `<rootDir>/${name}`),
  testRegex: '\\.spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  // Each file that boots Nest evaluates all of it again and memory piles up, so few workers and a limit for each.
  maxWorkers: Math.min(4, availableParallelism()),
  workerIdleMemoryLimit: '600MB',
  // Servers are started on machines that do other things meanwhile: long enough to tell a hang only.
  testTimeout: 30_000,
  testEnvironmentOptions: { customExportConditions: ['mono-source', 'node', 'node-addons'] },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        // A .swcrc would be merged into these options and break the resolution of ./x.ts.
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        },
      },
    ],
  },
};

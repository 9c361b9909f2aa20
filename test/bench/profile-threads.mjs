/** Preloaded into a profiled server: its threads take over the options of the process, and so are profiled too. */
import module, { createRequire } from 'node:module';

const threads = createRequire(import.meta.url)('node:worker_threads');
const { Worker } = threads;
if (threads.isMainThread) {
  threads.Worker = class extends Worker {
    constructor(url, options) {
      super(url, { ...options, execArgv: process.execArgv });
    }
  };
  module.syncBuiltinESMExports();
}

/** The load generator, a process of its own: carries out jobs that come over IPC, one at a time. */
import { Acknowledged } from './acknowledged.ts';
import type { Job, Reply, Verify } from './job.ts';
import { runLoad } from './run-load.ts';

const acknowledged = new Acknowledged();

process.on('message', (message: Job | Verify) => {
  const work =
    message.job === 'load'
      ? runLoad(message, acknowledged)
      : Promise.resolve(message.eventsFile).then((file) => acknowledged.verify(file));
  work.then(
    (done) => reply({ done }),
    (error: unknown) => reply({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// The bench ends its children itself, in its own order.
process.on('SIGINT', () => undefined);

function reply(message: Reply): void {
  process.send!(message);
}

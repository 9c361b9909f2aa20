/** The other side of `thread.ts`: what runs in the worker. */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { messageOf } from './database.ts';
import type { Answer, Answered, Call } from './thread.ts';

/**
 * Answers calls by a table of methods. `batched` methods get all of their calls that wait at once, so that they can
 * share what is dear (a commit).
 */
export function serve(
  methods: Readonly<Record<string, (...args: never[]) => unknown>>,
  batched: Readonly<Record<string, (calls: readonly (readonly unknown[])[]) => readonly unknown[]>> = {},
): void {
  const port = parentPort!;
  port.on('message', (first: readonly Call[]) => {
    const calls = [...first];
    let messages = 1;
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
      calls.push(...(more.message as readonly Call[]));
      messages += 1;
    }
    const answers: Answer[] = [];
    for (const [method, run] of Object.entries(batched)) {
      const together = calls.filter((call) => call[1] === method);
      if (together.length === 0) continue;
      try {
        const values = run(together.map((call) => call[2]));
        for (const [index, call] of together.entries()) answers.push([call[0], values[index]]);
      } catch (error) {
        for (const call of together) answers.push([call[0], undefined, messageOf(error)]);
      }
    }
    for (const [id, method, args] of calls) {
      if (method in batched) continue;
      try {
        answers.push([id, methods[method]!(...(args as never[]))]);
      } catch (error) {
        answers.push([id, undefined, messageOf(error)]);
      }
    }
    port.postMessage({ messages, answers } satisfies Answered);
  });
}

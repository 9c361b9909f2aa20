/** Walks a signal through its calls, printing each request and answer and judging it. */
import { isDeepStrictEqual } from 'node:util';
import { type Answer, DemoError, type Key, send } from './server.ts';
import type { Expected, Scene, Step } from './scenes.ts';
import { stateDiff } from './state-diff.ts';

interface Envelope {
  readonly result: { readonly type: string };
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Event {
  readonly revision: number;
  readonly type: string;
  readonly time: string;
  readonly data: unknown;
  readonly state: unknown;
}

/** Answers how many answers were not as expected. `run` makes keys of this run unlike those of any other. */
export async function walk(
  scene: Scene,
  url: string,
  key: Key,
  run: string,
  print: (line: string) => void,
): Promise<number> {
  let wrong = 0;
  const judge = (right: boolean, sentence: string): void => {
    if (right) return;
    wrong += 1;
    print(`  NOT AS EXPECTED: ${sentence}`);
  };
  const take = async (step: Step, path: string, body: object, previous: string): Promise<Answer> => {
    const headers = step.key === undefined ? {} : { 'idempotency-key': `${step.key}-${run}` };
    const answer = await send(url, key, step.method, path, body, headers);
    print(`\n# ${step.about}`);
    print(
      `> ${step.method} ${path}${step.key === undefined ? '' : `   Idempotency-Key: ${headers['idempotency-key']}`}`,
    );
    print(`> ${JSON.stringify(body)}`);
    print(`< ${answer.status} ${answer.text}`);
    judge(isExpected(answer, step.expected, previous), `this should have been ${IN_WORDS[step.expected]}`);
    return answer;
  };

  print(`\n${'='.repeat(100)}\n${scene.title}\n${'='.repeat(100)}`);
  let answer = await take(scene.create, scene.create.path, scene.create.body, '');
  const id = envelopeOf(answer)?.payload['parent_signal_id'];
  if (typeof id !== 'string')
    throw new DemoError('the create answered no parent_signal_id, so there is nothing to go on with');
  for (const step of scene.calls)
    answer = await take(step, `/v1/signal/${id}${step.path}`, { parent_signal_id: id, ...step.body }, answer.text);

  const history = await send(url, key, 'GET', `/v1/signal/${id}/history`);
  const events = (envelopeOf(history)?.payload['events'] ?? []) as readonly Event[];
  print(`\n# its history\n> GET /v1/signal/${id}/history`);
  for (const { revision, type, time, data } of events)
    print(`  ${String(revision).padStart(2)}  ${time}  ${type.padEnd(17)} ${JSON.stringify(data)}`);
  judge(
    isDeepStrictEqual(
      events.map(({ type }) => type),
      scene.history,
    ),
    `the history should have been ${scene.history.join(', ')}`,
  );

  print(`\n# its state as of each revision\n> GET /v1/signal/${id}/history?as_of=REVISION`);
  let before: unknown = null;
  for (const event of events) {
    const then = envelopeOf(await send(url, key, 'GET', `/v1/signal/${id}/history?as_of=${event.revision}`))?.payload;
    print(`  as of ${event.revision}, ${event.type}`);
    for (const line of stateDiff(before, then?.['state'])) print(`      ${line}`);
    judge(isDeepStrictEqual(then?.['state'], event.state), 'this state should have been the one in the history');
    before = event.state;
  }
  const now = envelopeOf(await send(url, key, 'GET', `/v1/signal/${id}`))?.payload;
  judge(isDeepStrictEqual(now, before), 'the signal as it is now should have been the state after its last event');
  return wrong;
}

const IN_WORDS: Record<Expected, string> = {
  done: 'a success',
  refused: 'a refusal that says what is wrong',
  repeat: 'the answer of the step before, byte for byte',
};

function isExpected(answer: Answer, expected: Expected, previous: string): boolean {
  const envelope = envelopeOf(answer);
  const succeeded =
    answer.status === 200 &&
    envelope?.result.type === 'OPERATION_PERFORMED' &&
    envelope.payload['result'] === 'success';
  switch (expected) {
    case 'done':
      return succeeded;
    case 'repeat':
      return succeeded && answer.text === previous;
    case 'refused':
      return (
        answer.status === 400 &&
        envelope?.result.type === 'INVALID_INPUT_CONTENT' &&
        typeof envelope.payload['message'] === 'string'
      );
    default:
      return expected satisfies never;
  }
}

/** The dialect's envelope; null where an answer has none. */
export function envelopeOf({ body }: Answer): Envelope | null {
  const envelope = body as Envelope | null;
  return typeof envelope?.result?.type === 'string' && typeof envelope.payload === 'object' ? envelope : null;
}

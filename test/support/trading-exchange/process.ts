/**
 * A small exchange in a process of its own: its REST at one port, and a second one by which a test makes it misbehave
 * and looks at what it was sent. The first line on stdout tells both. Ends with its stdin.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Book, type BookOrder } from './book.ts';
import type { Control, Misbehaviour, Seen } from './control.ts';
import { type Answer, answerOf, type Keys, type Request } from './rest.ts';

const keys = JSON.parse(process.argv[2]!) as Keys;
const book = new Book();
/** What the next requests of a kind meet, first come first. */
const plans: Misbehaviour[] = [];
const seen: Seen['requests'][number][] = [];

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://localhost');
  const body = await textOf(request);
  const query = url.search.slice(1);
  const whole = [query, body].filter((part) => part !== '').join('&');
  const params = new URLSearchParams(whole);
  const method = request.method!;
  const clientOrderId = params.get('newClientOrderId') ?? params.get('origClientOrderId');
  seen.push({ method, path: url.pathname, clientOrderId, type: params.get('type') });
  const what = `${method} ${url.pathname.split('/').at(-1)}`;
  const at = plans.findIndex(({ on }) => on === what);
  const [plan] = at === -1 ? [] : plans.splice(at, 1);
  if (plan?.does === 'cut-before') return void response.destroy();
  if (plan?.does === 'refuse') return send(response, { status: plan.status ?? 400, body: plan.body });
  if (plan?.does === 'delay-before') await sleep(plan.ms);
  const asked: Request = {
    method,
    path: url.pathname,
    params,
    signed: whole.replace(/&signature=[0-9a-f]*$/, ''),
    apiKey: request.headers['x-mbx-apikey'] as string | undefined,
  };
  const answer = answerOf(book, keys, asked);
  if (plan?.does === 'cut-after') return void response.destroy();
  if (plan?.does === 'answer-instead') return send(response, { status: plan.status ?? 200, body: plan.body });
  if (plan?.does === 'delay-after') await sleep(plan.ms);
  send(response, answer);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

function obey(control: Control): unknown {
  switch (control.do) {
    case 'plan':
      plans.push(...control.plans);
      return null;
    case 'set':
      Object.assign(book, control.set);
      if (control.clockMs !== undefined) {
        const { clockMs } = control;
        book.now = () => Date.now() + clockMs;
      }
      return null;
    case 'move':
      book.move(control.pair, control.price);
      return null;
    case 'fill':
      book.fill(orderOf(control.clientOrderId), control.quantity, control.price);
      return null;
    case 'cancel':
      return book.cancel(orderOf(control.clientOrderId));
    case 'see':
      return {
        requests: seen,
        orders: book.orders.map(({ pair, ...order }) => ({ ...order, pair: pair.id })),
        trades: book.trades.map(({ order, ...trade }) => ({ ...trade, orderId: order.orderId })),
      } satisfies Seen;
    default:
      return control satisfies never;
  }
}

function orderOf(clientOrderId: string): BookOrder {
  const order = book.orders.findLast((one) => one.clientOrderId === clientOrderId);
  if (order === undefined) throw new Error(`no order ${clientOrderId}`);
  return order;
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<number> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => send(response, { status: 500, body: { msg: String(error) } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const port = await listen(serve);
const controlPort = await listen(async (request, response) => {
  const told = obey(JSON.parse(await textOf(request)) as Control);
  send(response, { status: 200, body: { told } });
});
process.stdout.write(`${JSON.stringify({ port, controlPort })}\n`);
process.stdin.on('end', () => process.exit()).resume();

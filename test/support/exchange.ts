/** A small exchange for tests: as much of Binance's public REST as prices need, on a port of its own, and its troubles. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A pair as the exchange writes it, `BTCUSDT`, and what it is made of. */
export interface LocalPair {
  readonly id: string;
  readonly base: string;
  readonly quote: string;
}

/** Levels of price and quantity; either may be of any form. */
export interface LocalBook {
  readonly bids: readonly (readonly unknown[])[];
  readonly asks: readonly (readonly unknown[])[];
}

/** What is answered in place of the right thing. */
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string | Buffer }
  /** Takes the request and says nothing. */
  | 'hang'
  /** Headers and a first byte, then one more now and then, without end. */
  | 'drip'
  /** The connection ends within the body. */
  | 'cut';

export interface LocalExchange {
  readonly url: string;
  /** Path and query of each request so far. */
  readonly requests: readonly string[];
  /** Tickers by id, in the exchange's own form; a string is sent as it is, to say what JSON.stringify can't. */
  readonly tickers: Map<string, Readonly<Record<string, unknown>> | string>;
  /** Rows in the exchange's own form, oldest first; a string is sent as it is. */
  candles: readonly (readonly unknown[] | string)[];
  /** Rows of other intervals than a minute, by the exchange's name of them: `1h`. */
  readonly klines: Map<string, readonly (readonly unknown[] | string)[]>;
  /** Order books by id, in the exchange's own form: the best level first. */
  readonly books: Map<string, LocalBook>;
  /** The exchange's clock. */
  time: () => number;
  /** What to answer a path with instead; null for what is right. */
  instead: ((path: string) => Reply | null) | null;
  /** Nobody listens any more, and who is connected is cut off. */
  readonly goDown: () => Promise<void>;
  /** Listens at the same address as before. */
  readonly comeBack: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const MOST_ROWS = 1_000;

/** Listens on a free port of this machine. */
export async function startExchange(pairs: readonly LocalPair[]): Promise<LocalExchange> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((request, response) => {
        requests.push(request.url!);
        const url = new URL(request.url!, 'http://localhost');
        const reply = exchange.instead?.(url.pathname) ?? null;
        send(response, reply ?? right(url));
      });
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  const goDown = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  function right({ pathname, searchParams }: URL): Reply {
    switch (pathname) {
      case '/api/v3/exchangeInfo':
        return { body: JSON.stringify({ timezone: 'UTC', symbols: pairs.map(listing) }) };
      case '/fapi/v1/exchangeInfo':
      case '/dapi/v1/exchangeInfo':
        return { body: '{"symbols":[]}' };
      case '/api/v3/time':
        return { body: JSON.stringify({ serverTime: exchange.time() }) };
      case '/api/v3/ticker/24hr': {
        const one = searchParams.get('symbol');
        const ids = one === null ? (JSON.parse(searchParams.get('symbols') ?? '[]') as string[]) : [one];
        const found = ids.flatMap((id) => exchange.tickers.get(id) ?? []).map(text);
        return { body: one === null ? `[${found.join(',')}]` : (found[0] ?? '{}') };
      }
      case '/api/v3/klines': {
        const from = searchParams.get('startTime');
        const most = Math.min(Number(searchParams.get('limit')), MOST_ROWS);
        const interval = searchParams.get('interval') ?? '1m';
        const all = interval === '1m' ? exchange.candles : (exchange.klines.get(interval) ?? []);
        const rows = all.filter((row) => typeof row === 'string' || Number(row[0]) >= Number(from));
        // Without a start the newest are meant.
        return { body: `[${(from === null ? rows.slice(-most) : rows.slice(0, most)).map(text).join(',')}]` };
      }
      case '/api/v3/depth': {
        const book = exchange.books.get(searchParams.get('symbol')!);
        if (book === undefined) return { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' };
        const most = Number(searchParams.get('limit') ?? 100);
        const [bids, asks] = [book.bids.slice(0, most), book.asks.slice(0, most)];
        return { body: JSON.stringify({ lastUpdateId: 1, bids, asks }) };
      }
      default:
        return { status: 404, body: '{"code":-1,"msg":"no such path"}' };
    }
  }

  await listen(0);
  const { port } = server!.address() as AddressInfo;
  const exchange: LocalExchange = {
    url: `http://127.0.0.1:${port}`,
    requests,
    tickers: new Map(),
    candles: [],
    klines: new Map(),
    books: new Map(),
    time: Date.now,
    instead: null,
    goDown,
    comeBack: () => listen(port),
    stop: goDown,
  };
  return exchange;
}

/** A ticker as the exchange writes it; `last` as it is to stand in the JSON, `more` after a comma of its own. */
export function ticker(id: string, last: string, time: number, more = ''): string {
  return `{"symbol":"${id}","lastPrice":${last},"openTime":${time - 86_400_000},"closeTime":${time},"count":5${more}}`;
}

/** A candle as the exchange writes it, of a minute where nothing is said: an open, high, low and close around `price`. */
export function candle(time: number, price: number, interval = 60_000): readonly unknown[] {
  const [open, high, low, close] = [0, 2, -2, 1].map((step) => (price + step).toFixed(2));
  return [time, open, high, low, close, '21.63272000', time + interval - 1, '1313200.0', 617, '12.2', '745719.4', '0'];
}

function listing({ id, base, quote }: LocalPair): object {
  return {
    symbol: id,
    status: 'TRADING',
    baseAsset: base,
    quoteAsset: quote,
    isSpotTradingAllowed: true,
    permissions: ['SPOT'],
    filters: [{ filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' }],
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return;
  if (reply === 'drip') {
    response.writeHead(200, { 'content-type': 'application/json' }).write('[');
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
    return;
  }
  if (reply === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.write(Buffer.from('1f8b0800', 'hex'), () => response.destroy());
    return;
  }
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(reply.body);
}

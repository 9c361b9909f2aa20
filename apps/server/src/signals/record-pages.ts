/** The documents that a record is made of, in pages. */
import type { Condition, FieldValue, FieldValues, ViewState, ViewStore } from '#libs/sourcing';
import { type SignalDocument, signalsView } from '#libs/views';
import { conditions, type Scope } from './reader.ts';
import type { RecordFilter } from './record-query.ts';

const PAGE = 500;

/** Every signal of the scope that was created up to where the view stands; signals made meanwhile are not run after. */
export async function* documentsOf(
  views: ViewStore,
  live: ViewState,
  filter: RecordFilter,
  scope: Scope,
): AsyncGenerator<readonly SignalDocument[], void> {
  const upTo: Condition = { field: 'created', is: 'lte', value: live.checkpoint };
  const where = [...conditions(filter, scope), upTo];
  // Pages in order of creation have an index for a channel and for a strategy only.
  const indexed = scope.caller.channelId !== null || filter.strategyId !== undefined;
  yield* indexed ? found(views, where) : filtered(views, live, where);
}

async function* found(views: ViewStore, where: readonly Condition[]): AsyncGenerator<readonly SignalDocument[], void> {
  let after = -1n;
  for (;;) {
    const page = await views.find(signalsView.name, {
      where: [...where, { field: 'created', is: 'gt', value: after }],
      orderBy: { field: 'created', direction: 'asc' },
      limit: PAGE,
    });
    const documents = page.map(({ json }) => JSON.parse(json) as SignalDocument);
    const last = documents.at(-1);
    if (last === undefined) return;
    yield documents;
    if (documents.length < PAGE) return;
    after = BigInt(last.created);
  }
}

/** All documents of the view, looked at once. */
async function* filtered(
  views: ViewStore,
  { version }: ViewState,
  where: readonly Condition[],
): AsyncGenerator<readonly SignalDocument[], void> {
  let page: SignalDocument[] = [];
  let looked = 0;
  for await (const { json } of views.all({ view: signalsView.name, version })) {
    const document = JSON.parse(json) as SignalDocument;
    const fields = signalsView.fields(document);
    if (where.every((condition) => holds(condition, fields))) page.push(document);
    looked += 1;
    if (looked % PAGE !== 0) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** As a view store judges it: of a null nothing holds but that it equals null. */
function holds({ field, is, value }: Condition, fields: FieldValues): boolean {
  const actual = fields[field] ?? null;
  if (is === 'in') return (value as readonly FieldValue[]).includes(actual);
  if (is === 'eq') return actual === value;
  if (actual === null || value === null || typeof value === 'object') return false;
  if (is === 'lt') return actual < value;
  if (is === 'lte') return actual <= value;
  return is === 'gt' ? actual > value : actual >= value;
}

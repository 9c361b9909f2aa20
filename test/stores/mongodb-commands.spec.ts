/** What the adapter asks of a MongoDB server, command by command, as the driver tells it. */
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandStartedEvent } from 'mongodb';
import { buildView, type View } from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { views as kept } from '#libs/views';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { item, itemsView } from '../../libs/sourcing/src/testing/sample-view.ts';
import { openMongoCoordination } from '../../libs/stores/src/mongodb/coordination.ts';
import { openDatabase } from '../../libs/stores/src/mongodb/database.ts';
import type { ViewRecord } from '../../libs/stores/src/mongodb/view-records.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';
import { startDocumentSet } from '../support/document-set.ts';

const WRITES = ['createIndexes', 'delete', 'drop', 'findAndModify', 'insert', 'update'];
const READS = ['aggregate', 'distinct', 'find', 'listCollections'];

/** A URL, whatever hosts it has, with options of its own replaced. */
function withOptions(url: string, options: Readonly<Record<string, string>>): string {
  const [place, own] = url.split('?') as [string, string?];
  const all = new URLSearchParams(own);
  for (const [name, value] of Object.entries(options)) all.set(name, value);
  return `${place}?${all}`;
}

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`what is asked of MongoDB (${server})`, () => undefined);
} else {
  // A server alone is asked in the same way whatever is preferred. One that is given may be a set itself.
  const set = server.outage === undefined ? null : await startDocumentSet(server.url);
  // All that is weaker than what the stores rest on.
  const url = withOptions(set?.url ?? server.url, {
    w: '1',
    journal: 'false',
    readPreference: 'secondaryPreferred',
    readConcernLevel: 'available',
    monitorCommands: 'true',
  });
  // The stores that are opened on this URL use this client.
  const { db, call, close } = openDatabase(url);

  interface Sent extends Pick<CommandStartedEvent, 'commandName' | 'command' | 'address'> {
    /** How many commands were sent or answered before it was; null while it is not. */
    readonly sentAt: number;
    answeredAt: number | null;
  }
  const sent = new Map<number, Sent>();
  let told = 0;
  db.client.on('commandStarted', ({ requestId, commandName, command, address }) => {
    // Others are the driver's own.
    if (command['$db'] !== db.databaseName) return;
    sent.set(requestId, { commandName, command, address, sentAt: (told += 1), answeredAt: null });
  });
  db.client.on('commandSucceeded', ({ requestId }) => {
    const one = sent.get(requestId);
    if (one !== undefined) one.answeredAt = told += 1;
  });

  const named = (...names: readonly string[]): readonly Sent[] =>
    [...sent.values()].filter(({ commandName }) => names.includes(commandName));

  const names = (commands: readonly Sent[]): readonly string[] =>
    [...new Set(commands.map(({ commandName }) => commandName))].toSorted();

  /** Everything that the two ports offer, on what is there and on what is not. */
  async function everyCall(): Promise<void> {
    const views = await openMongoViewStore(url);
    const view = itemsView(freshName('view'));
    const at = { view: view.name, version: '1.1' };
    await views.open(view, at.version, 'events');
    await views.save(at, [item('a', 2n), item('b', 2n)], 2n);
    await views.save(at, [item('a', 1n), item('c', 3n)], 3n);
    await views.park(at, { stream: 'item-p', position: 3n, reason: 'why' });
    await views.promote(at);
    const orderBy = { field: 'rank', direction: 'asc' } as const;
    await views.find(view.name, { where: [], orderBy, limit: 9 });
    await views.count(view.name, []);
    await views.get(view.name, 'a');
    await views.load(at, ['a']);
    for await (const document of views.all(at)) expect(document.position).toBeGreaterThan(1n);
    await views.parked(at);
    await views.unpark(at, 'item-p');
    await views.live(view.name);
    await views.open(view, '1.2', 'events');
    await views.drop({ ...at, version: '1.2' });
    await views.versions(view.name);
    await views.close();

    const coordination = await openMongoCoordination(url);
    const [name, rule, now] = [freshName('name'), { limit: 3, windowMs: 60_000 }, Date.now()];
    for (const holder of ['one', 'other']) {
      await coordination.take(name, 1, rule, now);
      await coordination.takeRolling(name, rule, now);
      await coordination.lease(name, holder, 1_000, now);
    }
    await coordination.peek(name, rule, now);
    await coordination.release(name, 'one');
    await coordination.touch([{ name, at: now }]);
    await coordination.lastUsed([name]);
    await coordination.keep(name, 'text');
    await coordination.kept(name);
    await coordination.forget(name);
    await coordination.close();
  }

  describe('what is asked of MongoDB', () => {
    beforeEach(() => sent.clear());
    afterAll(async () => {
      await close();
      await set?.stop();
      await server.stop();
    });

    it.each([
      ['new', 3, 0n],
      ['newer than some that are there, and older than others', 130, 5n],
    ])('a checkpoint only after every document was answered, where they are %s', async (_told, atLeast, there) => {
      const views = await openMongoViewStore(url);
      const view = itemsView(freshName('view'));
      const at = { view: view.name, version: '1.1' };
      await views.open(view, at.version, 'events');
      const documents = Array.from({ length: 150 }, (_, n) => item(`d${n}`, 4n));
      if (there > 0n)
        await views.save(at, [item('d1', there), item('d2', there - 2n), item('d70', there), item('d140', 1n)], 1n);
      sent.clear();
      await views.save(at, documents, 7n);
      await views.close();

      const updates = named('update');
      const checkpoints = updates.filter(({ command }) => command['update'] === 'views');
      const saves = updates.filter(({ command }) => String(command['update']).startsWith(`view_${view.name}@`));
      expect([saves.length >= atLeast, checkpoints.length]).toEqual([true, 1]);
      expect(updates).toHaveLength(saves.length + 1);
      for (const { answeredAt } of saves) expect(answeredAt).toBeLessThan(checkpoints[0]!.sentAt);
      expect(checkpoints[0]!.answeredAt).not.toBeNull();
    });

    it('writes that a majority has in its journal, whatever the URL says', async () => {
      await everyCall();
      expect(names([...sent.values()])).toEqual([...WRITES, ...READS].toSorted());
      const concerns = named(...WRITES).map(({ commandName, command }) => [commandName, command['writeConcern']]);
      for (const [name, concern] of concerns)
        expect([name, concern]).toEqual([name, expect.objectContaining({ w: 'majority', j: true })]);
    });

    it('reads of the primary, whatever the URL says', async () => {
      await everyCall();
      for (const { commandName, command, address } of sent.values()) {
        // The driver leaves it out for the primary alone.
        expect([commandName, command['$readPreference']]).toEqual([commandName, undefined]);
        if (set !== null) expect([commandName, address]).toEqual([commandName, set.primary]);
      }
      // Collections are listed as they are.
      for (const { commandName, command } of named('aggregate', 'distinct', 'find'))
        expect([commandName, command['readConcern']]).toEqual([commandName, { level: 'local' }]);
    });

    /** The indexes of a collection but that of the id, each as its paths in order, all of them ascending. */
    const indexesOf = async (collection: string): Promise<ReadonlySet<string>> => {
      const indexes = await call(() => db.collection(collection).listIndexes().toArray());
      const keys = indexes.map(({ key }) => Object.entries(key as Record<string, unknown>));
      const paths = keys.map((fields) =>
        fields.map(([path, way]) => (Number(way) === 1 ? path : `not ${path}`)).join(),
      );
      return new Set(paths.filter((path) => path !== '_id'));
    };

    it.each(kept.map((view): [string, View] => [view.name, view]))(
      'every index that the view of %s declares, by the paths that it is asked by',
      async (_name, view) => {
        const views = await openMongoViewStore(url);
        await buildView(view, createMemoryEventStore(), views);
        const record = (await call(() => db.collection<ViewRecord>('views').findOne({ _id: view.name })))!;
        const [only, ...others] = Object.values(record.versions!);
        const { collection } = only!;
        expect([others, view.indexes.length > 0]).toEqual([[], true]);
        const declared = view.indexes.map((fields) => [...fields.map((field) => `fields.${field}`), '_id']);
        expect(await indexesOf(collection)).toEqual(new Set(declared.map((paths) => paths.join())));

        for (const [index, fields] of view.indexes.entries()) {
          sent.clear();
          const where = fields.slice(0, -1).map((field) => ({ field, is: 'eq', value: null }) as const);
          await views.find(view.name, { where, orderBy: { field: fields.at(-1)!, direction: 'asc' }, limit: 1 });
          const { filter, sort } = named('find').find(({ command }) => command['find'] === collection)!.command;
          const equal = ((filter as { $and?: object[] }).$and ?? []).flatMap((one) => Object.keys(one));
          expect([...equal, ...(sort as Map<string, number>).keys()]).toEqual(declared[index]);
        }
        await views.close();
      },
    );

    it('an index of parked streams by their version, and of what ends by when', async () => {
      await everyCall();
      expect(await indexesOf('parked_streams')).toEqual(new Set(['of,stream']));
      for (const kind of ['leases', 'rolling', 'windows'])
        expect([kind, await indexesOf(`coordination_${kind}`)]).toEqual([kind, new Set(['endsAt'])]);
    });
  });
}

/** Documents that are longer than MongoDB takes. */
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  type ParkedStream,
  replayParked,
  runProcessor,
  type SavedDocument,
  type View,
  waitForPosition,
} from '#libs/sourcing';
import { createMemoryEventStore } from '#libs/stores';
import { type AccountDocument, accountsView } from '../../libs/sourcing/src/testing/account.ts';
import { deposits, happen } from '../../libs/sourcing/src/testing/account-history.ts';
import { rejection } from '../../libs/sourcing/src/testing/event-store-appends.ts';
import { freshName } from '../../libs/sourcing/src/testing/sample-events.ts';
import { item, itemsView } from '../../libs/sourcing/src/testing/sample-view.ts';
import { openMongoViewStore } from '../../libs/stores/src/mongodb/view-store.ts';
import { startDocumentServer } from '../support/document-server.ts';

const server = await startDocumentServer();
if (typeof server === 'string') {
  it.skip(`documents longer than MongoDB takes (${server})`, () => undefined);
} else {
  describe('a document that is longer than MongoDB takes', () => {
    afterAll(server.stop);

    it('parks its stream with the reason, and the view goes on; it is mended once the document is shorter', async () => {
      const views = await openMongoViewStore(server.url);
      const events = createMemoryEventStore();
      const name = freshName('accounts');
      const long: View<AccountDocument> = {
        ...accountsView,
        name,
        // The second deposit makes it too long.
        project: (document, event) => {
          const next = accountsView.project(document, event);
          const isLong = event.stream === 'account-n3' && next.changes.length >= 2;
          return isLong ? { ...next, padding: 'x'.repeat(17_000_000) } : next;
        },
      };
      const stop = new AbortController();
      const parked: ParkedStream[] = [];
      const failures: unknown[] = [];
      const running = runProcessor(long, events, views, {
        signal: stop.signal,
        batchSize: 8,
        onParked: (one) => parked.push(one),
        onError: (error) => failures.push(error),
      });
      await happen(events, deposits(5, 3));
      expect(await waitForPosition(views, name, await events.head(), 60_000)).toBe(true);
      stop.abort();
      await running;

      expect(failures).toEqual([]);
      const reason = expect.stringMatching(/^document n3 of view [\w-]+ has 170\d{5} bytes; MongoDB takes 16777216$/);
      expect(parked.map(({ stream, reason: why }) => ({ stream, why }))).toEqual([
        { stream: 'account-n3', why: reason },
      ]);
      const at = { view: name, version: (await views.live(name))!.version };
      expect(await views.parked(at)).toMatchObject([{ stream: 'account-n3', reason }]);
      const changes = async (id: string): Promise<number> =>
        (JSON.parse((await views.get(name, id))!.json) as AccountDocument).changes.length;
      expect([await changes('n2'), await changes('n4')]).toEqual([3, 3]);

      expect(await replayParked(long, events, views)).toMatchObject({ mended: [], parked: [{ reason }] });
      const short = { ...accountsView, name };
      expect(await replayParked(short, events, views)).toEqual({ mended: ['account-n3'], parked: [] });
      expect(await changes('n3')).toBe(3);
      await views.close();
    }, 120_000);

    it('is told apart from the longest that it takes', async () => {
      const views = await openMongoViewStore(server.url);
      const view = itemsView(freshName('view'));
      const at = { view: view.name, version: '1.1' };
      await views.open(view, at.version, 'events');
      const ofLength = (length: number): SavedDocument => ({ ...item('long', 1n), json: 'x'.repeat(length) });
      let [longest, tooLong] = [0, 16 * 1_024 * 1_024];
      while (tooLong - longest > 1) {
        const middle = Math.floor((longest + tooLong) / 2);
        if (views.refusal!(at, ofLength(middle)) === null) longest = middle;
        else tooLong = middle;
      }
      await views.save(at, [ofLength(longest)], 1n);
      expect((await views.load(at, ['long'])).map(({ json }) => json.length)).toEqual([longest]);
      expect(String(await rejection(views.save(at, [ofLength(tooLong)], 1n)))).toContain('MongoDB takes 16777216');
      await views.close();
    }, 120_000);
  });
}

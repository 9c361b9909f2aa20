/** Reads and writes of views off the event loop. */
import { workerData } from 'node:worker_threads';
import { serve } from './thread-side.ts';
import { ViewDatabase } from './view-database.ts';

const views = new ViewDatabase((workerData as { path: string }).path);

serve({
  live: (view: string) => views.live(view),
  open: (...args: Parameters<ViewDatabase['open']>) => views.open(...args),
  promote: (...args: Parameters<ViewDatabase['promote']>) => views.promote(...args),
  drop: (...args: Parameters<ViewDatabase['drop']>) => views.drop(...args),
  versions: (view: string) => views.versions(view),
  load: (...args: Parameters<ViewDatabase['load']>) => views.load(...args),
  save: (...args: Parameters<ViewDatabase['save']>) => views.save(...args),
  get: (view: string, id: string) => views.get(view, id),
  find: (...args: Parameters<ViewDatabase['find']>) => views.find(...args),
  count: (...args: Parameters<ViewDatabase['count']>) => views.count(...args),
  page: (...args: Parameters<ViewDatabase['page']>) => views.page(...args),
  park: (...args: Parameters<ViewDatabase['park']>) => views.park(...args),
  unpark: (...args: Parameters<ViewDatabase['unpark']>) => views.unpark(...args),
  parked: (...args: Parameters<ViewDatabase['parked']>) => views.parked(...args),
  ready: () => views.ready(),
  close: () => views.close(),
});

import type { View } from '#libs/sourcing';
import { accountsView } from './accounts/view.ts';
import { ordersView } from './orders/view.ts';
import { signalsView } from './signals/view.ts';

export * from './accounts/document.ts';
export { ACCOUNT_STREAM_PREFIX } from './accounts/project.ts';
export { shown } from './figures.ts';
export * from './orders/document.ts';
export { isUnfinished } from './orders/view.ts';
export * from './record/groups.ts';
export { recordOf } from './record/recorder.ts';
export * from './record/render.ts';
export type * from './record/track-record.ts';
export * from './signals/document.ts';
export * from './signals/exit-plan.ts';
export * from './signals/results.ts';
export { SIGNAL_STREAM_PREFIX } from './signals/project.ts';
export { accountsView, ordersView, signalsView };

/** Every view that is kept. */
export const views: readonly View[] = [signalsView, accountsView, ordersView].map((view) => view as unknown as View);

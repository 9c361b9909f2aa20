import type { View } from '#libs/sourcing';
import { signalsView } from './signals/view.ts';

export { shown } from './figures.ts';
export * from './record/groups.ts';
export { recordOf } from './record/recorder.ts';
export * from './record/render.ts';
export type * from './record/track-record.ts';
export * from './signals/document.ts';
export * from './signals/exit-plan.ts';
export * from './signals/results.ts';
export { SIGNAL_STREAM_PREFIX } from './signals/project.ts';
export { signalsView };

/** Every view that is kept. */
export const views: readonly View[] = [signalsView as unknown as View];

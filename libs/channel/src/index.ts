export * from './decide.ts';
export {
  type ApiKey,
  type Channel,
  type Directory,
  emptyDirectory,
  evolve as evolveDirectory,
  keysByHash,
} from './directory.ts';
export * from './errors.ts';
export * from './events.ts';

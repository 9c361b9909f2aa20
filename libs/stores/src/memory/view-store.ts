/** The `ViewStore` port in memory, for tests. */
import type {
  Condition,
  FieldValue,
  ParkedStream,
  SavedDocument,
  ViewState,
  ViewStore,
  ViewVersion,
} from '#libs/sourcing';

interface Version {
  readonly version: string;
  readonly eventStoreId: string;
  readonly documents: Map<string, SavedDocument>;
  readonly parked: Map<string, ParkedStream>;
  checkpoint: bigint;
  live: boolean;
}

export function createMemoryViewStore(): ViewStore {
  const views = new Map<string, Map<string, Version>>();

  const versionsOf = (view: string): Version[] => [...(views.get(view)?.values() ?? [])];
  const liveOf = (view: string): Version | undefined => versionsOf(view).find((version) => version.live);
  const at = ({ view, version }: ViewVersion): Version => {
    const found = views.get(view)?.get(version);
    if (found === undefined) throw new Error(`version ${version} of view ${view} is gone`);
    return found;
  };
  const matching = (view: string, where: readonly Condition[]): SavedDocument[] =>
    [...(liveOf(view)?.documents.values() ?? [])].filter((document) =>
      where.every((condition) => holds(document.fields[condition.field] ?? null, condition)),
    );

  return {
    live: async (view) => {
      const live = liveOf(view);
      return live === undefined ? null : stateOf(live);
    },
    open: async (view, version, eventStoreId) => {
      const versions = views.get(view.name) ?? new Map<string, Version>();
      views.set(view.name, versions);
      const found = versions.get(version) ?? {
        version,
        eventStoreId,
        documents: new Map(),
        parked: new Map(),
        checkpoint: 0n,
        live: false,
      };
      versions.set(version, found);
      return stateOf(found);
    },
    promote: async (where) => {
      at(where);
      for (const one of versionsOf(where.view)) one.live = one.version === where.version;
    },
    drop: async ({ view, version }) => {
      if (liveOf(view)?.version !== version) views.get(view)?.delete(version);
    },
    versions: async (view) =>
      versionsOf(view)
        .map(({ version }) => version)
        .sort(),
    load: async (where, ids) => ids.flatMap((id) => at(where).documents.get(id) ?? []),
    save: async (where, documents, checkpoint) => {
      const version = at(where);
      for (const document of documents) {
        const before = version.documents.get(document.id);
        if (before === undefined || document.position > before.position) version.documents.set(document.id, document);
      }
      if (checkpoint > version.checkpoint) version.checkpoint = checkpoint;
    },
    get: async (view, id) => liveOf(view)?.documents.get(id) ?? null,
    find: async (view, { where, orderBy, limit, offset = 0 }) => {
      const sign = orderBy.direction === 'desc' ? -1 : 1;
      return matching(view, where)
        .sort(
          (left, right) =>
            sign *
            (compare(left.fields[orderBy.field] ?? null, right.fields[orderBy.field] ?? null) ||
              compare(left.id, right.id)),
        )
        .slice(offset, offset + limit);
    },
    count: async (view, where) => matching(view, where).length,
    all: async function* all(where) {
      yield* [...at(where).documents.values()].sort((left, right) => compare(left.id, right.id));
    },
    park: async (where, parked) => {
      at(where).parked.set(parked.stream, parked);
    },
    unpark: async (where, stream) => {
      at(where).parked.delete(stream);
    },
    parked: async (where) => [...at(where).parked.values()].sort((left, right) => compare(left.stream, right.stream)),
    ready: async () => undefined,
    close: async () => undefined,
  };
}

function stateOf({ version, checkpoint, eventStoreId }: Version): ViewState {
  return { version, checkpoint, eventStoreId };
}

function holds(actual: FieldValue, { is, value }: Condition): boolean {
  if (is === 'in') return (value as readonly FieldValue[]).some((one) => compare(actual, one) === 0);
  const wanted = value as FieldValue;
  if (is === 'eq') return compare(actual, wanted) === 0;
  if (actual === null || wanted === null) return false;
  const order = compare(actual, wanted);
  return is === 'lt' ? order < 0 : is === 'lte' ? order <= 0 : is === 'gt' ? order > 0 : order >= 0;
}

/** Null before all else, as in SQLite. */
function compare(left: FieldValue, right: FieldValue): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return left === right || left == right ? 0 : left < right ? -1 : 1;
}

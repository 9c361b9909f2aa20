/** Read models: what a view is, and what the kernel asks of the place that keeps its documents. */
import type { RecordedEvent } from './events.ts';

/**
 * A document folds exactly one stream, or one part of one. It carries the position of the last event folded in: a save
 * only ever replaces an older position, so handling a batch twice, or in two processes at once, gives the same documents.
 */
export interface ViewDocument {
  readonly id: string;
  /** Revision of the last event folded in. */
  readonly revision: number;
}

/**
 * A read model. `project` is pure: no clock, no randomness, no look-ups. A document is plain JSON in which nothing is
 * undefined, so that it comes out of its stored form as it went in.
 */
export interface View<Doc extends ViewDocument = ViewDocument> {
  readonly name: string;
  /** Raised when documents come out differently; the next start builds the new version beside the old. */
  readonly version: number;
  /** It folds the streams whose name begins so. */
  readonly streamPrefix: string;
  /**
   * Which of several documents of its stream an event is folded into; null: into none. That document's id is
   * `<id of the stream>.<part>`, so no id of a stream has a dot in it. Absent: one document folds the whole stream.
   * Such a view also keeps, under the id of each stream, how far that is folded: `{"id", "revision"}`, without fields.
   * Throws on an event it can't take: the stream is then parked, with all its parts.
   */
  part?(event: RecordedEvent): string | null;
  /** The document after one more event of its stream, or of its part. Throws on an event it can't take: the stream is then parked. */
  project(document: Doc | null, event: RecordedEvent): Doc;
  /** Values the document is found and ordered by: text, whole number or null. Throws: the stream is then parked. */
  fields(document: Doc): FieldValues;
  readonly fieldTypes: Readonly<Record<string, 'text' | 'integer'>>;
  /** Each a list of fields, equality first, order last. */
  readonly indexes: readonly (readonly string[])[];
}

export type FieldValue = string | bigint | number | null;
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** A comparison with null other than `eq` and `in` holds for no document, nor does one of a field that is null. */
export interface Condition {
  readonly field: string;
  readonly is: 'eq' | 'lt' | 'lte' | 'gt' | 'gte' | 'in';
  readonly value: FieldValue | readonly FieldValue[];
}

export interface FindOptions {
  readonly where: readonly Condition[];
  /** Null comes before all else; documents that are equal in it come in order of id, in the same direction. */
  readonly orderBy: { readonly field: string; readonly direction: 'asc' | 'desc' };
  readonly limit: number;
  readonly offset?: number;
}

/** A document to keep, with what it is found by. */
export interface SavedDocument {
  readonly id: string;
  /** Position of the last event folded in. */
  readonly position: bigint;
  /** The document as JSON, byte for byte as it will be read. */
  readonly json: string;
  readonly fields: FieldValues;
}

export interface StoredDocument {
  readonly id: string;
  readonly position: bigint;
  readonly json: string;
}

/** Where one version of a view stands. */
export interface ViewState {
  readonly version: string;
  readonly checkpoint: bigint;
  /** Id of the event store it was built from. */
  readonly eventStoreId: string;
}

/** A stream a view could not fold: it stays as it was until `parked replay`. */
export interface ParkedStream {
  readonly stream: string;
  readonly position: bigint;
  readonly reason: string;
}

/** The part of a view that is being built or kept up to date: one version of it. */
export interface ViewVersion {
  readonly view: string;
  /** `3` or, while a rebuild runs beside the live one, `3.2`. */
  readonly version: string;
}

/**
 * Where views are kept. Disposable: all of it can be built again from the events.
 * Calls on a version that is gone throw; `drop` and `open` do not. A store that is away throws `StoreUnavailable`.
 */
export interface ViewStore {
  /** The live version of a view, or null before its first build. */
  live(view: string): Promise<ViewState | null>;
  /** Opens a version for building (made empty when it is not there) and tells how far it is. */
  open(view: View, version: string, eventStoreId: string): Promise<ViewState>;
  /** Makes a version the live one, at once for all readers. The one before stays until it is dropped. */
  promote(at: ViewVersion): Promise<void>;
  /** Removes a version, unless it is the live one: readers never see a hole. */
  drop(at: ViewVersion): Promise<void>;
  versions(view: string): Promise<readonly string[]>;
  load(at: ViewVersion, ids: readonly string[]): Promise<readonly StoredDocument[]>;
  /**
   * Why a document can't be kept, however often it is tried, such as its length; null where it can. `save` throws for
   * such a document, and saves none. Absent where every document can be kept.
   */
  refusal?(at: ViewVersion, document: SavedDocument): string | null;
  /** Saves documents (each only over an older position) and then the checkpoint (never backwards). */
  save(at: ViewVersion, documents: readonly SavedDocument[], checkpoint: bigint): Promise<void>;
  /** Of the live version. */
  get(view: string, id: string): Promise<StoredDocument | null>;
  find(view: string, options: FindOptions): Promise<readonly StoredDocument[]>;
  count(view: string, where: readonly Condition[]): Promise<number>;
  /** Every document of a version in order of id, for comparison and export. */
  all(at: ViewVersion): AsyncIterable<StoredDocument>;
  /** Notes a stream as parked, or notes it anew. */
  park(at: ViewVersion, parked: ParkedStream): Promise<void>;
  unpark(at: ViewVersion, stream: string): Promise<void>;
  /** In order of stream. */
  parked(at: ViewVersion): Promise<readonly ParkedStream[]>;
  ready(): Promise<void>;
  close(): Promise<void>;
}

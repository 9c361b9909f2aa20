/** The questions on the query bus. */
import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { RecordedEvent } from '#libs/sourcing';
import type { SignalDocument } from '#libs/views';
import { type Scope, type SignalCount, type SignalFilter, type SignalPage, SignalReader } from './reader.ts';
import type { RecordRequest } from './record-query.ts';
import { type SignalRecord, SignalRecords } from './record.ts';

export class GetSignal extends Query<SignalDocument | null> {
  readonly signalId: string;
  readonly scope: Scope;

  constructor(signalId: string, scope: Scope) {
    super();
    this.signalId = signalId;
    this.scope = scope;
  }
}

export class GetHistory extends Query<readonly RecordedEvent[] | null> {
  readonly signalId: string;
  readonly scope: Scope;

  constructor(signalId: string, scope: Scope) {
    super();
    this.signalId = signalId;
    this.scope = scope;
  }
}

export class ListSignals extends Query<SignalPage> {
  readonly filter: SignalFilter;
  readonly scope: Scope;
  readonly atLeast: bigint | null;

  constructor(filter: SignalFilter, scope: Scope, atLeast: bigint | null) {
    super();
    this.filter = filter;
    this.scope = scope;
    this.atLeast = atLeast;
  }
}

export class CountSignals extends Query<SignalCount> {
  readonly filter: Omit<SignalFilter, 'limit'>;
  readonly scope: Scope;
  readonly atLeast: bigint | null;

  constructor(filter: Omit<SignalFilter, 'limit'>, scope: Scope, atLeast: bigint | null) {
    super();
    this.filter = filter;
    this.scope = scope;
    this.atLeast = atLeast;
  }
}

export class GetRecord extends Query<SignalRecord> {
  readonly request: RecordRequest;
  readonly scope: Scope;
  readonly atLeast: bigint | null;

  constructor(request: RecordRequest, scope: Scope, atLeast: bigint | null) {
    super();
    this.request = request;
    this.scope = scope;
    this.atLeast = atLeast;
  }
}

@QueryHandler(GetSignal)
export class GetSignalHandler implements IQueryHandler<GetSignal> {
  readonly #reader: SignalReader;

  constructor(@Inject(SignalReader) reader: SignalReader) {
    this.#reader = reader;
  }

  execute({ signalId, scope }: GetSignal): Promise<SignalDocument | null> {
    return this.#reader.get(signalId, scope);
  }
}

@QueryHandler(GetHistory)
export class GetHistoryHandler implements IQueryHandler<GetHistory> {
  readonly #reader: SignalReader;

  constructor(@Inject(SignalReader) reader: SignalReader) {
    this.#reader = reader;
  }

  execute({ signalId, scope }: GetHistory): Promise<readonly RecordedEvent[] | null> {
    return this.#reader.history(signalId, scope);
  }
}

@QueryHandler(ListSignals)
export class ListSignalsHandler implements IQueryHandler<ListSignals> {
  readonly #reader: SignalReader;

  constructor(@Inject(SignalReader) reader: SignalReader) {
    this.#reader = reader;
  }

  execute({ filter, scope, atLeast }: ListSignals): Promise<SignalPage> {
    return this.#reader.list(filter, scope, atLeast);
  }
}

@QueryHandler(CountSignals)
export class CountSignalsHandler implements IQueryHandler<CountSignals> {
  readonly #reader: SignalReader;

  constructor(@Inject(SignalReader) reader: SignalReader) {
    this.#reader = reader;
  }

  execute({ filter, scope, atLeast }: CountSignals): Promise<SignalCount> {
    return this.#reader.count(filter, scope, atLeast);
  }
}

@QueryHandler(GetRecord)
export class GetRecordHandler implements IQueryHandler<GetRecord> {
  readonly #records: SignalRecords;

  constructor(@Inject(SignalRecords) records: SignalRecords) {
    this.#records = records;
  }

  execute({ request, scope, atLeast }: GetRecord): Promise<SignalRecord> {
    return this.#records.read(request, scope, atLeast);
  }
}

/** Column types that stores spell differently: a capability of the store, not a question of its name. */
export interface ColumnTypes {
  /** A primary key of integers. */
  readonly id: string;
  /** Integers of 64 bits. */
  readonly int: string;
  readonly bytes: string;
  readonly real: string;
}

/** One forward step of the schema; `statements` run in order, in the transaction that records the version. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(types: ColumnTypes): readonly string[];
}

/** The statements of one area within a migration. */
export type MigrationPart = (types: ColumnTypes) => readonly string[];

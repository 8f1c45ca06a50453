/**
 * The durable outbox: reports that the farm has not accepted yet, in order. A report is written before anything is
 * sent and removed when the farm answers `accepted`. `synchronous = NORMAL` in WAL mode survives the death of the
 * process; a power cut can lose the last few rows, which costs rendering those frames again and nothing else, since
 * the node then no longer names their attempt in its hello.
 */
import { DatabaseSync } from 'node:sqlite';
import { type NodeReport, reportSchema } from '@croft/contract';

export interface OutboxEntry {
  readonly seq: number;
  readonly report: NodeReport;
}

export class Outbox {
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #after;
  readonly #remove;
  readonly #attempts;

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000');
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS report (
         seq INTEGER PRIMARY KEY AUTOINCREMENT, attempt INTEGER NOT NULL, kind TEXT NOT NULL, json TEXT NOT NULL) STRICT`,
    );
    this.#insert = this.#db.prepare('INSERT INTO report (attempt, kind, json) VALUES (?, ?, ?)');
    this.#after = this.#db.prepare('SELECT seq, json FROM report WHERE seq > ? ORDER BY seq LIMIT ?');
    this.#remove = this.#db.prepare('DELETE FROM report WHERE seq = ?');
    this.#attempts = this.#db.prepare('SELECT DISTINCT attempt FROM report ORDER BY attempt');
  }

  /** Keeps the report; returns its seq, which is never used twice. */
  append(report: NodeReport): number {
    const { lastInsertRowid } = this.#insert.run(report.attemptId, report.kind, JSON.stringify(report));
    return Number(lastInsertRowid);
  }

  /** Up to `limit` reports with a seq above `seq`, in order. */
  after(seq: number, limit: number): OutboxEntry[] {
    return this.#after.all(seq, limit).map((row) => ({
      seq: Number(row.seq),
      report: reportSchema.parse(JSON.parse(String(row.json))),
    }));
  }

  accepted(seq: number): void {
    this.#remove.run(seq);
  }

  get isEmpty(): boolean {
    return this.#after.get(0, 1) === undefined;
  }

  /** Attempts that some kept report belongs to: the farm must not give them up before it has read the reports. */
  attempts(): number[] {
    return this.#attempts.all().map((row) => Number(row.attempt));
  }

  /**
   * After a death of the node: ends each attempt that only lives on in kept reports, so that its unfinished frames
   * go back to waiting once the finished ones are told.
   */
  endOrphans(at: number): void {
    const orphans = this.#db
      .prepare(
        `SELECT DISTINCT attempt FROM report WHERE attempt NOT IN
           (SELECT attempt FROM report WHERE kind = 'attempt-ended')`,
      )
      .all();
    for (const { attempt } of orphans) {
      this.append({
        kind: 'attempt-ended',
        attemptId: Number(attempt),
        at,
        reason: 'The node was restarted.',
      });
    }
  }

  close(): void {
    this.#db.close();
  }
}

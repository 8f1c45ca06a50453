/** The rows of the table: what Croft does, and what its peers do with the same files. */
import { join } from 'node:path';
import { S3_SERVER_NAMES, whyNoS3Servers } from '../../tests/support/s3-servers.ts';
import { download, type Store, unchangedDesk, upload, uploadAgain } from './croft.ts';
import { curlDown, curlUp, type Peer, rsyncAgain, rsyncDown, rsyncUp } from './peers.ts';
import type { Taken } from './processes.ts';
import { rcloneDown, rcloneS3Up, rcloneUp } from './rclone.ts';
import { changedInPlace, insertedInFront, makeLong, makeMany } from './sources.ts';

/** What a contender does to make bytes outlive a power cut before it says that they are there. */
const SYNCED = 'hashed, each part and pack synced';
const HASHED = 'hashed, not synced';
const PLAIN = 'neither hashed nor synced';

/** A link on which all of 1 GiB takes 52 s. */
const SLOW_KBPS = 20_000;

export interface Contender {
  readonly name: string;
  readonly durability: string;
  /** null: not installed here. */
  readonly take: Peer | null;
}

export interface Row {
  readonly id: string;
  readonly what: string;
  /** Must and dream as peer ÷ Croft, or seconds. */
  readonly goal: string;
  readonly croft: readonly Contender[];
  readonly peers: readonly Contender[];
}

/** Sources are made when a row first needs them. */
export class Sources {
  readonly #work: string;
  readonly #made = new Map<string, Promise<string>>();
  readonly closers: (() => Promise<unknown>)[] = [];
  #desk: ReturnType<typeof unchangedDesk> | null = null;

  constructor(work: string) {
    this.#work = work;
  }

  #once(name: string, make: (folder: string) => Promise<string>): Promise<string> {
    const made = this.#made.get(name) ?? make(join(this.#work, name));
    this.#made.set(name, made);
    return made;
  }
  long = () => this.#once('long', makeLong);
  changed = () => this.#once('changed', async (folder) => changedInPlace(await this.long(), folder));
  inserted = () => this.#once('inserted', async (folder) => insertedInFront(await this.long(), folder));
  small = () => this.#once('small', (folder) => makeMany(folder, 10_000, 10_000));
  many = () => this.#once('many', (folder) => makeMany(folder, 100_000, 100));
  async desk() {
    this.#desk ??= unchangedDesk(this.#work, await this.many());
    const desk = await this.#desk;
    if (this.closers.length === 0) this.closers.push(() => desk.close());
    return desk;
  }
}

type Source = () => Promise<string>;
const fs = (sync: Store['sync']): Store => ({ sync, s3: null });

function croft(name: string, durability: string, take: Peer): Contender {
  return { name: `Croft${name}`, durability, take };
}

/** A peer of files that are made only when it runs. */
function peer(
  name: string,
  durability: string,
  source: Source,
  made: (folder: string) => Peer | null,
): Contender {
  const isHere = made('') !== null;
  const take = async (work: string): Promise<Taken> => made(await source())!(work);
  return { name, durability, take: isHere ? take : null };
}

export function rowsOf(sources: Sources): Row[] {
  const { long, small } = sources;
  const up = (source: Source, store: Store) => async (work: string) => upload(work, await source(), store);
  const down = (source: Source, store: Store) => async (work: string) =>
    download(work, await source(), store);
  const delta =
    (source: Source, kbps: number | null = null) =>
    async (work: string) =>
      uploadAgain(work, await long(), await source(), fs('never'), kbps);
  const rsync = (source: Source, ...flags: string[]) =>
    peer(['rsync', ...flags].join(' '), flags.length > 0 ? 'synced' : PLAIN, source, (folder) =>
      rsyncUp(folder, ...flags),
    );
  const again = (source: Source, ...flags: string[]) =>
    peer(
      ['rsync', ...flags].join(' '),
      'checksums, not synced',
      async () => `${await long()}\n${await source()}`,
      (both) => {
        const [before = '', after = ''] = both.split('\n');
        return rsyncAgain(before, after, ...flags);
      },
    );
  const whyNoS3 = whyNoS3Servers();
  const s3Rows = S3_SERVER_NAMES.map((s3): Row[] => {
    const store: Store = { sync: 'always', s3 };
    const through = (take: Peer): Contender => ({
      name: `Croft, ${s3}`,
      durability: `hashed by both, kept as ${s3} keeps it`,
      take: whyNoS3 === null ? take : null,
    });
    return [
      {
        id: `${s3}-up-1g`,
        what: `upload 1 GiB, bytes in ${s3}`,
        goal: '',
        croft: [through(up(long, store))],
        peers: [peer('curl → nginx dav', PLAIN, long, curlUp)],
      },
      {
        id: `${s3}-down-1g`,
        what: `download 1 GiB, bytes in ${s3}`,
        goal: '',
        croft: [through(down(long, store))],
        peers: [peer('curl ← nginx', PLAIN, long, curlDown)],
      },
      {
        id: `${s3}-up-10k`,
        what: `upload 10,000 × 10 KB, bytes in ${s3}`,
        goal: '',
        croft: [through(up(small, store))],
        peers: [
          rsync(small, '--fsync'),
          peer(`rclone → ${s3}`, `hashed, kept as ${s3} keeps it`, small, (folder) =>
            whyNoS3 === null ? rcloneS3Up(folder, s3) : null,
          ),
        ],
      },
    ];
  });
  return [
    {
      id: 'up-1g',
      what: 'upload 1 GiB',
      goal: '≥ 0.6 ×, dream 0.9 ×',
      croft: [
        croft('', SYNCED, up(long, fs('always'))),
        croft(' --sync never', HASHED, up(long, fs('never'))),
      ],
      peers: [peer('curl → nginx dav', PLAIN, long, curlUp)],
    },
    {
      id: 'down-1g',
      what: 'download 1 GiB',
      goal: '',
      croft: [croft('', SYNCED, down(long, fs('never')))],
      peers: [peer('curl ← nginx', PLAIN, long, curlDown)],
    },
    {
      id: 'up-10k',
      what: 'upload 10,000 × 10 KB',
      goal: '≥ 0.5 × rsync, ≥ 1 × rsync --fsync; dream 1 × rsync',
      croft: [
        croft('', SYNCED, up(small, fs('always'))),
        croft(' --sync never', HASHED, up(small, fs('never'))),
      ],
      peers: [rsync(small), rsync(small, '--fsync'), peer('rclone → sftp', PLAIN, small, rcloneUp)],
    },
    {
      id: 'down-10k',
      what: 'download 10,000 × 10 KB',
      goal: '',
      croft: [croft('', HASHED, down(small, fs('never')))],
      peers: [
        peer('rsync', PLAIN, small, (folder) => rsyncDown(folder)),
        peer('rsync --fsync', 'synced', small, (folder) => rsyncDown(folder, '--fsync')),
        peer('rclone ← http', PLAIN, small, rcloneDown),
      ],
    },
    {
      id: 'unchanged-100k',
      what: 'upload 100,000 unchanged files',
      goal: '≤ 2 s, dream 1 × rsync',
      croft: [croft(' transmitter', 'nothing to keep', async () => (await sources.desk()).again())],
      peers: [peer('rsync', 'nothing to keep', sources.many, (folder) => rsyncAgain(folder, folder))],
    },
    {
      id: 'changed-1pct',
      what: '1 GiB again, 1 % changed in place',
      goal: '',
      croft: [croft(' --sync never', HASHED, delta(sources.changed))],
      peers: [again(sources.changed)],
    },
    {
      id: 'inserted-1mb',
      what: '1 GiB again, behind 1 MB more',
      goal: '',
      croft: [croft(' --sync never', HASHED, delta(sources.inserted))],
      peers: [again(sources.inserted)],
    },
    {
      id: 'changed-slow',
      what: `1 GiB again, 1 % changed in place, by ${SLOW_KBPS} KB/s`,
      goal: '',
      croft: [croft(' --sync never', HASHED, delta(sources.changed, SLOW_KBPS))],
      peers: [again(sources.changed, `--bwlimit=${SLOW_KBPS}`)],
    },
    {
      id: 'inserted-slow',
      what: `1 GiB again, behind 1 MB more, by ${SLOW_KBPS} KB/s`,
      goal: '',
      croft: [croft(' --sync never', HASHED, delta(sources.inserted, SLOW_KBPS))],
      peers: [again(sources.inserted, `--bwlimit=${SLOW_KBPS}`)],
    },
    ...s3Rows.flat(),
  ];
}

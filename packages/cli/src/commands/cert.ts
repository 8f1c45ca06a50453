import type { CommandSpec } from '../command-spec.ts';

export const cert: CommandSpec = {
  usage: 'cert',
  group: 'Farm',
  summary: 'show the certificate that the farm made for itself, or renew it',
  details:
    'A farm with --tls-port and no certificate of yours makes one in tls/ of its home, for ten years, and renews it by itself a month before its end. A running farm takes a renewed one at its next start; whoever trusts the old file needs the new one then.',
  options: [
    ['--renew', 'make a new key and certificate, for the same names'],
    ['--public-host <name>', 'with --renew: a further name or address; repeatable', 'many'],
    ['--home <dir>', 'home of the farm (default: CROFT_HOME, else ~/.croft)'],
  ],
  examples: [
    ['croft cert', 'path, fingerprint, validity, names, and how Python trusts it'],
    ['croft cert --renew --public-host farm.example', 'a new one, also for farm.example'],
  ],
  exits: [[8, 'the home has no certificate']],
  async run(context, line) {
    const { ownCertificateFacts, renewOwnCertificate } = await import('@croft/server');
    const { home } = context.config;
    const facts = line.flag('renew')
      ? await renewOwnCertificate(home, line.texts('publicHost'), context.clock)
      : await ownCertificateFacts(home);
    context.printer.result(facts, () =>
      [
        facts.certificatePath,
        `fingerprint  ${facts.fingerprint}`,
        `valid        ${facts.validFrom} to ${facts.validTo}`,
        `names        ${facts.names.join(', ')}`,
        `croft        --ca ${facts.certificatePath}`,
        `Python       export REQUESTS_CA_BUNDLE=${facts.certificatePath}`,
        ...(line.flag('renew')
          ? ['a farm that runs takes it at its next start; whoever trusts the old file needs this one then']
          : []),
      ].join('\n'),
    );
    return undefined;
  },
};

import type { Answers } from '../answers/answers.js';
import { namesOf, PORTS } from '../answers/answers.js';
import type { Installed } from '../files/install.js';
import { isKeptByHost } from './kept-by-hosts.js';

/** What was done, and what is left to the operator, in their order. */
export function describeInstallation(answers: Answers, folder: string, { fates, missing }: Installed): string {
  const count = (fate: string): string => `${[...fates.values()].filter((one) => one === fate).length} ${fate}`;
  const isOneHost = answers.layout === 'all-in-one';
  const changed = [...fates].filter(([, fate]) => fate === 'changed').map(([path]) => `  ${path}${!isOneHost && isKeptByHost(answers, path) ? '   (no other copy brings it: its host has its own, change that too)' : ''}\n`).join('');
  const { internal } = namesOf(answers);
  const rsync = fates.get('answers.yaml') === 'made' ? 'rsync -a' : `rsync -a --exclude-from=${folder}/kept-by-hosts; the first time without that`;
  const copy = isOneHost ? '' : `Copy ${folder}/internal/ to the internal host, ${folder}/external/ to the external one, as root (${rsync}).\n`;
  return [
    `${folder}: ${count('made')}, ${count('changed')}, ${count('kept')}\n${changed}`,
    missing.length > 0 ? `Put the certificates there before you start:\n${missing.map((path) => `  ${folder}/${path}\n`).join('')}` : '',
    copy,
    `DNS records to publish:     ${folder}/dns-records.zone\n`,
    `Firewall, on each host:     nft -f ${isOneHost ? `${folder}/external/` : ''}nftables.conf\n`,
    isOneHost ? `Start:                      cd ${folder} && docker compose up -d\n` : 'Start, external host first: docker compose up -d\n',
    `${(isOneHost ? 'Then look:' : 'Then look, on each host:').padEnd(28)}docker compose run --rm doctor\n`,
    `API:                        https://${internal}:${PORTS.api}, user ${answers.user}, token in ${folder}/secrets/token-${answers.user}\n`,
    ...(answers.certificates === 'trial' ? [`Trust of others in this trial: give them ${folder}/authority/ca.pem, put theirs into ${folder}/trusted/, run this again.\n`] : []),
  ].join('');
}

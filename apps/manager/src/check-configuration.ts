import { existsSync, readFileSync } from 'node:fs';
import { isClient } from '@fogbow/messaging';
import { isMemberId } from '@fogbow/request-model';
import { NETWORKS_FAULT, networksOf, readTlsFiles } from '@fogbow/service-runtime';
import type { SettingValues } from '@fogbow/plugin-contracts';
import { cloudFaults } from './clouds/read-clouds.js';
import { DEFAULT_ACCOUNT } from './credentials/map-account.js';
import { readCredentials } from './credentials/read-credentials.js';
import { familyFaults, pluginFaults } from './plugins.js';
import { readFlavors } from './read-flavors.js';
import { ROLES } from './settings.js';
import { readSigningKey } from './trust/signing-key.js';

/** Answers that are held back longer are cut (createHttpServer). */
const LONGEST_ANSWER_MS = 110_000;

/** Faults that no single value shows. */
export function configurationFaults(values: SettingValues): readonly string[] {
  const faults: string[] = [];
  const id = String(values['member.id']);
  if (!isMemberId(id)) faults.push(`member.id ${id} is not an XMPP domain in lower case, such as manager.example.org.`);
  for (const role of values['process.roles'] as string[]) {
    if (!(ROLES as readonly string[]).includes(role)) faults.push(`process.roles: ${role} is none of ${ROLES.join(', ')}.`);
  }
  faults.push(...xmppFaults(values), ...tlsFaults(values));
  if (Number(values['placement.giveUpAfter']) <= Number(values['placement.resendAfter'])) faults.push('placement.giveUpAfter must be longer than placement.resendAfter.');
  if (Number(values['http.drain']) >= Number(values['shutdown.grace'])) faults.push('shutdown.grace must be longer than http.drain, which is a part of it.');
  if (!networksOf(values['http.proxyProtocol'])) faults.push(`http.proxyProtocol ${NETWORKS_FAULT}.`);
  if (values['operator.queues'] !== 'off' && (values['admins'] as unknown[]).length === 0) faults.push('operator.queues is of no use without admins: nobody may look.');
  if (Number(values['cloud.timeout']) > LONGEST_ANSWER_MS) faults.push(`cloud.timeout must be at most ${LONGEST_ANSWER_MS / 1000}s: whoever waits for an answer that long is cut off.`);
  if (Number(values['members.abandonAfter']) >= Number(values['keep.members'])) faults.push('members.abandonAfter must be shorter than keep.members: who is forgotten cannot be given up.');
  faults.push(...accountFaults(values), ...cloudFaults(values, (chosen) => familyFaults('cloud', chosen)));
  for (const [name, meaning] of Object.entries(values['occi.extraResources'] as Record<string, unknown>)) {
    if (typeof meaning !== 'string' || meaning === '') faults.push(`occi.extraResources.${name} must be a text.`);
  }
  try {
    readKey(String(values['keyFile']));
  } catch (error) {
    faults.push((error as Error).message);
  }
  for (const name of ['federation.keyFile', 'federation.previousKeyFile'] as const) {
    if (values[name] === undefined) continue;
    try {
      readSigningKey(String(values[name]));
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (values['federation.previousKeyFile'] && !values['federation.keyFile']) faults.push('federation.keyFile is missing: federation.previousKeyFile vouches for it.');
  return [...faults, ...readFlavors(values['flavors'] as Record<string, unknown>).faults, ...pluginFaults(values)];
}

function accountFaults(values: SettingValues): string[] {
  const accounts = Object.entries(values['cloud.accounts'] as Record<string, unknown>);
  const isSingle = values['cloud.mapper'] === 'single';
  return [
    ...readCredentials(values['cloud.credentials'], 'cloud.credentials').faults,
    ...accounts.flatMap(([name, given]) => readCredentials(given, `cloud.accounts.${name}`).faults),
    ...(isSingle && accounts.length > 0 ? ['cloud.accounts is of no use with cloud.mapper single; choose member or user.'] : []),
    ...(accounts.some(([name]) => name === DEFAULT_ACCOUNT) ? [`cloud.accounts.${DEFAULT_ACCOUNT}: that account is cloud.credentials.`] : []),
  ];
}

function xmppFaults(values: SettingValues): string[] {
  const [host, url, id, caFile] = [values['xmpp.host'], values['xmpp.url'], String(values['member.id']), values['xmpp.caFile']];
  return [
    ...((host ?? url) && !values['xmpp.secret'] ? ['xmpp.secret is missing: the XMPP server wants it.'] : []),
    ...(values['rendezvous.jid'] && !host && !url ? ['xmpp.host is missing: without it the Rendezvous cannot be reached.'] : []),
    ...(host && url ? ['xmpp.host and xmpp.url exclude each other: the member is a component or a client.'] : []),
    ...(url && !/^wss?:/.test(String(url)) ? ['xmpp.url must begin with wss://, or on the same machine with ws://.'] : []),
    ...(url && !isClient(id) ? [`member.id ${id} is no client: with xmpp.url it is NODE.at--DOMAIN for the account NODE@DOMAIN.`] : []),
    ...(host && isClient(id) ? [`member.id ${id} is a client, which needs xmpp.url in place of xmpp.host.`] : []),
    ...(caFile !== undefined && !existsSync(String(caFile)) ? [`xmpp.caFile ${String(caFile)} does not exist.`] : []),
  ];
}

function tlsFaults(values: SettingValues): string[] {
  const [certificateFile, keyFile, redisCa] = [values['http.tls.certificateFile'], values['http.tls.keyFile'], values['tunnel.redisCaFile']];
  if ((certificateFile === undefined) !== (keyFile === undefined)) return ['http.tls.certificateFile and http.tls.keyFile need each other.'];
  if (redisCa !== undefined && !existsSync(String(redisCa))) return [`tunnel.redisCaFile ${String(redisCa)} does not exist.`];
  if (certificateFile === undefined) return [];
  try {
    readTlsFiles({ certificateFile: String(certificateFile), keyFile: String(keyFile) });
    return [];
  } catch (error) {
    return [`http.tls: ${(error as Error).message}`];
  }
}

/** The Manager's key. Throws a sentence when the file cannot serve. */
export function readKey(path: string): Buffer {
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (key.length < 32) throw new Error(`keyFile ${path} must hold at least 32 bytes in base64; make it with: openssl rand -base64 32`);
  return key;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { createXmppLink } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import { awaitOrder, awaitState } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { ProsodyWorld } from './prosody-world.js';

/** Parts of user data, each almost as large as one may be. */
const parts = (count: number, text: string) => Array.from({ length: count }, () => ({ content: `#!/bin/sh\n: ${text.repeat(65_000)}`, contentType: 'text/x-shellscript' }));

export function limits(prosody: ProsodyWorld): Chapter {
  const { world, machines } = prosody;
  return {
    name: 'What Prosody does not take',
    steps: [
      ['user data below the limit travel', async () => {
        await awaitState(world, await world.home.submit({ publicKey: world.alice.publicKey, requirements: prosody.toB(), userData: parts(5, 'x') }), 'fulfilled');
      }],
      ['user data beyond it are refused with a reason, and the connection lives on', async () => {
        const logs = ['manager-a', 'manager-b', 'prosody-a', 'prosody-b'].map((name) => prosody.mark(name));
        const before = machines();
        const [id = ''] = await world.home.submit({ publicKey: world.alice.publicKey, requirements: prosody.toB(), userData: parts(8, 'x') });
        const order = await awaitOrder(world, id, 'it is refused', ({ history }) => history?.some(({ event }) => event === 'turned-down') === true);
        const reason = order.history?.find(({ event }) => event === 'turned-down')?.reason ?? '';
        assert.match(reason, /larger than \d+ bytes/);
        await world.home.remove(id);
        await awaitState(world, await world.home.submit({ publicKey: world.alice.publicKey, requirements: prosody.toB() }), 'fulfilled');
        assert.deepEqual(machines(), { a: before.a, b: before.b + 1 });
        for (const log of logs) assert.doesNotMatch(log.text(), /lost the XMPP server|stanza-too-large|not-well-formed/);
        return reason;
      }],
    ],
  };
}

export function secrets({ world }: ProsodyWorld): Chapter {
  return {
    name: 'Whom Prosody does not let in',
    steps: [
      ['a wrong secret, and a component that is not configured, are told in the log', async () => {
        // The component of the Rendezvous is there however the Managers come in.
        const { xmpp } = parse(readFileSync(String(world.federation.process('rendezvous').configFile), 'utf8')) as { xmpp: { jid: string; host: string; port: number } };
        const [wrong, unknown] = [await complaintOf(xmpp.jid, xmpp.host, xmpp.port), await complaintOf('nobody.a.fogbow.local', xmpp.host, xmpp.port)];
        assert.equal(wrong, 'the server refuses our secret (not-authorized)');
        assert.equal(unknown, 'the server knows no component or domain of our name (host-unknown)');
        return `${wrong}; ${unknown}`;
      }],
    ],
  };
}

/** What a Manager with a wrong secret would log. */
async function complaintOf(jid: string, host: string, port: number): Promise<unknown> {
  const told: unknown[] = [];
  const log: Logger = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (_message, fields) => void told.push(fields?.['why']), child: () => log };
  const link = createXmppLink({ jid, host, port, secret: 'wrong', log });
  await link.start();
  await link.stop();
  return told[0];
}

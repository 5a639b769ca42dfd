/** The conformance suites against a running OpenStack; `npm run e2e -- openstack` starts one and hands its file over. Not part of `npm test`. */
import { setTimeout as delay } from 'node:timers/promises';
import { openstackCloud } from '@fogbow/cloud-openstack';
import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { credentialsOf, readOpenStackSite, SITE_VARIABLE } from '@fogbow/embedded-servers';
import type { OpenStackAccount } from '@fogbow/embedded-servers';

jest.setTimeout(120_000);

const site = readOpenStackSite(process.env[SITE_VARIABLE] ?? '');
const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };

const pluginOf = (account: OpenStackAccount): CloudPlugin => openstackCloud.create({ authUrl: site.authUrl, network: account.network, image: site.image }, host);

/** Nova and Cinder remove things a while after they have said so; the next rule wants an empty cloud. */
async function emptied(account: OpenStackAccount): Promise<void> {
  const plugin = pluginOf(account);
  const { signal } = new AbortController();
  const call = { signal, token: await plugin.identity.issue(credentialsOf(account), signal) };
  for (;;) {
    for (const { id } of await plugin.attachments?.list(call) ?? []) await plugin.attachments?.detach(id, call);
    for (const { id } of await plugin.compute.list(call)) await plugin.compute.remove(id, call);
    for (const { id } of await plugin.volumes?.list(call) ?? []) await plugin.volumes?.remove(id, call).catch(() => undefined);
    for (const { id } of await plugin.networks?.list(call) ?? []) await plugin.networks?.remove(id, call).catch(() => undefined);
    const { used } = await plugin.compute.quota(call);
    if (used.instances === 0 && used.volumes === 0 && used.networks === 1) break;
    await delay(100);
  }
  await plugin.stop();
}

const cloudOf = (account: OpenStackAccount) => async (): Promise<CloudUnderTest> => {
  await emptied(account);
  return { plugin: pluginOf(account), credentials: credentialsOf(account), full: cloudOf(site.small), dispose: () => emptied(account) };
};

const cloud = cloudOf(site.home);
const options = { size: { vcpu: 1, ramMb: 512, diskGb: 1 }, bootTimeoutMs: 60_000 };
computeCloudSuite('cloud-openstack', cloud, {
  ...options, wrongCredentials: { ...credentialsOf(site.home), password: 'wrong' },
  skips: { 'C7-full': 'Nova takes creates that cross, counts again later, and sets what is too much to ERROR with the quota as its reason' },
});
imageCatalogueSuite('cloud-openstack', cloud, options);
networkCloudSuite('cloud-openstack', cloud, { ...options, ranges: ['10.20.0.0/30', '10.20.0.4/30'] });
volumeCloudSuite('cloud-openstack', cloud, options);
// Nova takes the letter of a wish and puts the hypervisor's own prefix before it.
attachmentCloudSuite('cloud-openstack', cloud, { ...options, wishedDevice: /[a-z]+dd$/ });
computePowerSuite('cloud-openstack', cloud, options);

import type { AccountingView, AmountView, FlavorView, ImageView, MemberView, QuotaView, UsageView, UserView } from '../api/views.js';
import { renderAge } from './age.js';
import { renderFields, renderTable } from './table.js';
import type { Column } from './table.js';

export function renderMembers(members: readonly MemberView[], now: Date): string {
  return renderTable(members, [
    { title: 'MEMBER', value: ({ id }) => id },
    { title: 'LAST SEEN', value: ({ lastSeen }) => renderAge(lastSeen, now) },
    { title: 'ALIVE', value: ({ alive }) => (alive === false ? 'no' : 'yes') },
  ], { none: 'No member is alive.' });
}

/** A member's quota, or why it could not be had. */
export interface MemberQuota {
  readonly member: string;
  readonly quota?: QuotaView;
  readonly failure?: string;
}

export function renderQuotas(quotas: readonly MemberQuota[], width: number): string {
  const part = (key: keyof AmountView): Column<MemberQuota>['value'] => ({ quota }) => quota && `${quota.used[key] ?? '?'} of ${quota.limit[key] ?? '∞'}`;
  return renderTable(quotas, [
    { title: 'MEMBER', value: ({ member }) => member },
    { title: 'INSTANCES', value: part('instances') },
    { title: 'VCPU', value: part('vcpu') },
    { title: 'RAM MB', value: part('ramMb') },
    { title: 'YOURS', value: ({ quota }) => quota?.usedByCaller && `${quota.usedByCaller.instances ?? 0} (${quota.usedByCaller.vcpu ?? 0} vCPU, ${quota.usedByCaller.ramMb ?? 0} MB)` },
    { title: '', value: ({ failure }) => failure ?? ' ' },
  ], { none: 'No member is alive.', width });
}

export const renderUsage = (member: string, usage: UsageView): string =>
  renderFields([['member', member], ['compute usage', usage.computeUsage], ['storage usage', usage.storageUsage]]);

export function renderFlavors(flavors: readonly FlavorView[]): string {
  return renderTable(flavors, [
    { title: 'FLAVOR', value: ({ name }) => name },
    { title: 'VCPU', value: ({ vcpu }) => vcpu, align: 'right' },
    { title: 'RAM MB', value: ({ ramMb }) => ramMb, align: 'right' },
    { title: 'DISK GB', value: ({ diskGb }) => diskGb, align: 'right' },
  ], { none: 'This Manager names no flavors; describe sizes with: fogbow order create --requirements "Glue2vCPU>=1"' });
}

export function renderImages(images: readonly ImageView[]): string {
  return renderTable(images, [{ title: 'IMAGE', value: ({ name }) => name }, { title: 'ID', value: ({ id }) => id }, { title: 'MEMBER', value: ({ member }) => member }], { none: 'This Manager names no images.' });
}

export function renderAccounting(lines: readonly AccountingView[]): string {
  return renderTable(lines, [
    { title: 'USER', value: ({ user }) => user },
    { title: 'ASKED BY', value: ({ requestingMember }) => requestingMember },
    { title: 'SERVED BY', value: ({ providingMember }) => providingMember },
    { title: 'KIND', value: ({ kind }) => kind },
    { title: 'USAGE', value: ({ usage }) => usage, align: 'right' },
  ], { none: 'There is no accounting information.' });
}

export function renderUser(user: UserView, connection: { readonly url: string; readonly name?: string }): string {
  const { quota } = user;
  const part = (key: keyof AmountView): string | undefined => quota && `${quota.used[key] ?? '?'} of ${quota.limit[key] ?? '∞'}`;
  return renderFields([
    ['user', user.name ?? user.id], ['id', user.id], ['member', user.member], ['manager', connection.url], ['profile', connection.name],
    ['instances', part('instances')], ['vCPU', part('vcpu')], ['RAM MB', part('ramMb')],
  ]);
}

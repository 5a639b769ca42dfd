import { parseAttributes, parseCategories } from '@fogbow/occi';
import { parseDate, parseOrder } from './parse-order.js';

const OWNER = { id: 'alice', name: 'Alice' };
const ORDER = 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"';
const parse = (attributes: readonly string[], categories: readonly string[] = [ORDER]) =>
  parseOrder(OWNER, { categories: parseCategories(categories), attributes: parseAttributes(['org.fogbowcloud.order.resource-kind=compute', ...attributes]) });
const coded = (work: () => unknown): unknown => { try { return work(); } catch (error) { return (error as { code?: string }).code; } };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('dates', () => {
  test.each([
    ['2026-03-04', 'start', '2026-03-04T00:00:00.000Z'],
    ['2026-03-04', 'end', '2026-03-04T23:59:59.999Z'],
    ['2026-03-04T10:00:00Z', 'end', '2026-03-04T10:00:00.000Z'],
    ['2026-03-04T10:00:00.5+02:00', 'start', '2026-03-04T08:00:00.500Z'],
    ['2026-03-04T10:00:00', 'start', '2026-03-04T10:00:00.000Z'],
    ['2026-03-04T10:00:00+0200', 'start', '2026-03-04T08:00:00.000Z'],
  ] as const)('%s as the %s is %s', (text, edge, expected) => expect(parseDate(text, edge)?.toISOString()).toBe(expected));
  test.each(['tomorrow', '2026-13-01', '2026-02-31', '2026-02-30T10:00:00Z', '2090-((((', '2026-03-04T10', '04.03.2026', '1', ''])('%j is refused', (text) => expect(coded(() => parseDate(text, 'start'))).toBe('unsupported-attribute'));
});

describe('an OCCI order', () => {
  test('with nothing said is one one-time machine', () => expect(parse([])).toEqual({ owner: OWNER, count: 1, kind: 'compute', type: 'one-time', spec: {} }));

  test('carries flavor, image, key and requirements', () => {
    const categories = [ORDER, 'small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"', 'ubuntu; scheme="http://schemas.fogbowcloud.org/template/os#"; class="mixin"'];
    expect(parse(['org.fogbowcloud.order.instance-count=3', 'org.fogbowcloud.credentials.publickey.data=ssh-ed25519 AAAA me', 'org.fogbowcloud.order.requirements=Glue2vCPU >= 2'], categories))
      .toMatchObject({ count: 3, spec: { flavor: 'small', image: 'ubuntu', publicKey: 'ssh-ed25519 AAAA me', requirements: 'Glue2vCPU >= 2' } });
  });

  test.each([
    ['#!/bin/sh\necho', 'text/x-shellscript'], ['#cloud-config\na: 1', 'text/cloud-config'], ['#include x', 'text/x-include-url'], ['#cloud-boothook', 'text/cloud-boothook'],
  ])('user data %j without a type is %s', (content, contentType) => {
    expect(parse([`org.fogbowcloud.order.extra-user-data=${base64(content)}`]).spec.userData).toEqual([{ content, contentType }]);
  });

  test('user data with a type keeps it', () => {
    expect(parse([`org.fogbowcloud.order.extra-user-data=${base64('x')}`, 'org.fogbowcloud.order.extra-user-data-content-type=text/upstart-job']).spec.userData).toEqual([{ content: 'x', contentType: 'text/upstart-job' }]);
  });

  test.each([
    [`org.fogbowcloud.order.extra-user-data=${base64('what is this')}`], ['org.fogbowcloud.order.instance-count=many'], ['org.fogbowcloud.order.instance-count=-1'],
    ['org.fogbowcloud.order.type=eternal'], ['org.fogbowcloud.order.surprise=1'],
    [`org.fogbowcloud.order.extra-user-data=${base64('x')}, org.fogbowcloud.order.extra-user-data-content-type=application/x-nonsense`],
  ])('%s is refused', (attribute) => expect(coded(() => parse([attribute]))).toBe('unsupported-attribute'));
});

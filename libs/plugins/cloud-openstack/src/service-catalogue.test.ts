import { endpointsOf } from './service-catalogue.js';

const endpoint = (url: string, region_id = 'one', kind = 'public') => ({ interface: kind, region_id, url });
const body = {
  project: { id: 'p' },
  catalog: [
    { type: 'compute', endpoints: [endpoint('http://a/v2.1/'), endpoint('http://b/v2.1', 'two'), endpoint('http://i/v2.1', 'one', 'internal')] },
    { type: 'network', endpoints: [endpoint('http://a:9696')] },
    { type: 'image', endpoints: [endpoint('http://a:9292/v2')] },
    { type: 'block-storage', endpoints: [endpoint('http://a:8776/v3/p')] },
  ],
};

it('finds the endpoints by region and interface, with the version of the API', () => {
  const { urlOf, projectId } = endpointsOf(body, { interface: 'public' });
  expect([projectId, urlOf('compute'), urlOf('network'), urlOf('image'), urlOf('volume')]).toEqual(['p', 'http://a/v2.1', 'http://a:9696/v2.0', 'http://a:9292/v2', 'http://a:8776/v3/p']);
  expect(endpointsOf(body, { interface: 'public', region: 'two' }).urlOf('compute')).toBe('http://b/v2.1');
  expect(endpointsOf(body, { interface: 'internal' }).urlOf('compute')).toBe('http://i/v2.1');
});

it('says which service is missing, and which scope', () => {
  expect(() => endpointsOf(body, { interface: 'public', region: 'two' }).urlOf('network')).toThrow(/no public endpoint of the service network in the region two/);
  expect(() => endpointsOf({ catalog: [] }, { interface: 'public' })).toThrow(/for no project/);
});

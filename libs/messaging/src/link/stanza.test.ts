import { readXml } from '../xml/read-xml.js';
import { decodeIq, domainOf } from './stanza.js';

it.each([['a.test', 'a.test'], ['A.Test/res@x/y', 'a.test'], ['user@a.test/r', 'a.test'], ['', '']])('%s belongs to %s', (address, domain) => {
  expect(domainOf(address)).toBe(domain);
});

it.each(['<message from="a.test" id="1"/>', '<iq from="a.test" type="get"/>', '<iq id="1" type="get"/>', '<iq from="a.test" id="1" type="what"/>', '<iq from="a.test" id="1"/>', '<iq from="somebody@a.test/home" id="1" type="get"/>'])(
  '%s is no IQ', (xml) => expect(decodeIq(readXml(xml))).toBeUndefined());

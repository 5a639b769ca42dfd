import { memberAdmissionSuite } from '@fogbow/plugin-conformance';
import { everybodyAdmission } from './everybody-admission.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const members = ['site-a.example', 'site-b.example', ''];

memberAdmissionSuite('admission-everybody', () => ({ admission: everybodyAdmission.create({}, host), served: members, asked: members, strangers: [] }));

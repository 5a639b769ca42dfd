export { everybodyAdmission } from './everybody-admission.js';

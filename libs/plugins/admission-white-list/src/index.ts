export { whiteListAdmission } from './white-list-admission.js';

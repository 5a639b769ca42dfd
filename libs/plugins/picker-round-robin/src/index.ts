export { roundRobinPicker } from './round-robin-picker.js';

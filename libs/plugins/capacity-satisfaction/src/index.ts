export { satisfactionController } from './satisfaction-controller.js';

import { placeInHome } from './run-boot.js';

it.each([
  ['x', '/m/home/x'],
  ['~/x', '/m/home/x'],
  ['/home/fogbow/.config/x', '/m/home/.config/x'],
  ['/root/x', '/m/home/x'],
  ['/m/home/x', '/m/home/x'],
  ['/etc/passwd', undefined],
  ['../x', undefined],
  ['~/../../etc/passwd', undefined],
  ['/home/fogbow/../../../etc/passwd', undefined],
  ['/m/home-of-another/x', undefined],
  ['.', undefined],
])('a file for %s goes to %s', (path, wanted) => {
  expect(placeInHome(path, '/m/home')).toBe(wanted);
});

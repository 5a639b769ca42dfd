import { whyNoContainerEngine } from './container-engine.js';

it('says in a sentence that it needs root', () => {
  const getuid = jest.spyOn(process, 'getuid').mockReturnValue(1000);
  try {
    expect(whyNoContainerEngine(false, () => undefined)).toBe('A container engine of its own can only be started by root on Linux.');
  } finally {
    getuid.mockRestore();
  }
});

/** What the original booted when nobody named an image (spec §6.1). */
export const DEFAULT_IMAGE = 'fogbow-linux-x86';

export { createImageFiles } from './image-files.js';
export type { EnsureOptions, ImageFiles, ImageFilesOptions, ImageLimits } from './image-files.js';
export { keyOf as sourceKey, readImageSources } from './image-source.js';
export type { Checksum, ImageSource } from './image-source.js';
export type { ImageFormat } from './qemu-img.js';
export { lockFile } from './file-lock.js';
export type { Unlock } from './file-lock.js';
export { createWorkUnderWay } from './work-under-way.js';
export type { Progress, WaitOptions, WorkUnderWay } from './work-under-way.js';

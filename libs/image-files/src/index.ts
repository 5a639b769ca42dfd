export { createImageFiles } from './image-files.js';
export type { EnsureOptions, ImageFiles, ImageFilesOptions } from './image-files.js';
export { readImageSources } from './image-source.js';
export type { Checksum, ImageSource } from './image-source.js';
export type { ImageFormat } from './qemu-img.js';

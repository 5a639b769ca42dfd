import { drawn } from './seeded-random.js';

/** Two rendezvous that are each other's neighbours, by their numbers from 0. */
export type Edge = readonly [number, number];

export const line = (size: number): Edge[] => Array.from({ length: size - 1 }, (_, index) => [index, index + 1]);
export const ring = (size: number): Edge[] => [...line(size), [size - 1, 0]];
export const star = (size: number): Edge[] => Array.from({ length: size - 1 }, (_, index) => [0, index + 1]);

/** A tree with some more edges: connected, with loops, and not deep. */
export function randomGraph(size: number, more: number, random: () => number): Edge[] {
  const tree = Array.from({ length: size - 1 }, (_, index): Edge => [drawn(random, index + 1), index + 1]);
  const extra = Array.from({ length: more }, (): Edge => [drawn(random, size), drawn(random, size)]);
  return [...tree, ...extra.filter(([one, other]) => one !== other)];
}

/** The longest of all shortest ways; infinite when it falls apart. */
export function diameter(size: number, edges: readonly Edge[]): number {
  const neighbours = Array.from({ length: size }, (): number[] => []);
  for (const [one, other] of edges) {
    neighbours[one]?.push(other);
    neighbours[other]?.push(one);
  }
  return Math.max(...neighbours.map((_, start) => farthest(neighbours, start)));
}

function farthest(neighbours: readonly (readonly number[])[], start: number): number {
  const reached = new Set([start]);
  let steps = 0;
  for (let edge = [start]; ; steps += 1) {
    const next = [...new Set(edge.flatMap((one) => neighbours[one] ?? []))].filter((one) => !reached.has(one));
    if (next.length === 0) return reached.size === neighbours.length ? steps : Infinity;
    next.forEach((one) => reached.add(one));
    edge = next;
  }
}

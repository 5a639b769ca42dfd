const UNITS = [['d', 86_400], ['h', 3600], ['m', 60]] as const;

/** How long ago, in its largest unit: `40s`, `3m`, `5h`, `12d`. */
export function renderAge(at: string | undefined, now: Date): string | undefined {
  const begun = Date.parse(at ?? '');
  if (Number.isNaN(begun)) return undefined;
  const seconds = Math.max(0, Math.floor((now.getTime() - begun) / 1000));
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[1])}${unit[0]}` : `${seconds}s`;
}

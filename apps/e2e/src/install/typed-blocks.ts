/** A block of shell commands of a page, which says where it is typed. */
export interface TypedBlock {
  /** Of the section that it stands in. */
  readonly heading: string;
  /** What its first line names: `workstation`, `internal`, `external`. */
  readonly hosts: readonly string[];
  /** What is typed, without that line. */
  readonly commands: string;
}

const FENCE = /^```sh\n# On the ([^\n]*)\n([\s\S]*?)^```$/gm;

/**
 * The blocks of a page in Markdown that begin with `# On the internal host`, `# On the internal and the external host`, `# On the workstation, as root`; in their order. Pure.
 * Other blocks are alternatives, and not typed.
 */
export function typedBlocks(page: string, names: readonly string[]): TypedBlock[] {
  return [...page.matchAll(FENCE)].map(({ 1: where = '', 2: commands = '', index }) => {
    const hosts = names.filter((name) => new RegExp(`\\b${name}\\b`).test(where));
    if (hosts.length === 0) throw new Error(`No host is known by "${where}"; there are ${names.join(', ')}.`);
    const heading = [...page.slice(0, index).matchAll(/^##+ (.*)$/gm)].at(-1)?.[1] ?? '';
    return { heading, hosts, commands };
  });
}

/** An XML element after namespace resolution: local names, no prefixes. Text children stand in document order. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  /** Prefixed attributes keep their prefix; the declaration it needs stands beside them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}

export type XmlNode = XmlElement | string;

export function element(name: string, namespace: string, children: readonly (XmlNode | undefined)[] = [], attributes: Readonly<Record<string, string>> = {}): XmlElement {
  return { name, namespace, attributes, children: children.filter((child) => child !== undefined && child !== '') as XmlNode[] };
}

export const childElements = (parent: XmlElement | undefined, name?: string): XmlElement[] =>
  (parent?.children ?? []).filter((child): child is XmlElement => typeof child !== 'string' && (name === undefined || child.name === name));

/** The first child of that local name, whatever its namespace: the original's payloads are careless with namespaces. */
export const childElement = (parent: XmlElement | undefined, name: string): XmlElement | undefined => childElements(parent, name)[0];

export const textOf = (item: XmlElement | undefined): string =>
  (item?.children ?? []).filter((child): child is string => typeof child === 'string').join('');

/** The text of a child; undefined where the child is absent. */
export function childText(parent: XmlElement | undefined, name: string): string | undefined {
  const child = childElement(parent, name);
  return child && textOf(child);
}

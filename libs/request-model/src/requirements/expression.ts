/** The requirements language of spec §1.13: comparisons of an attribute with a literal, joined by && and ||. */
export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'compare'; readonly attribute: string; readonly comparator: Comparator; readonly value: string | number };

export const MEMBER_ATTRIBUTE = 'Glue2CloudComputeManagerID';
/** Which of a member's clouds. Its names are known to that member only. */
export const CLOUD_ATTRIBUTE = 'FogbowCloud';
/** Attribute of the expression → property of a flavor. RAM in MB, disk in GB. */
export const SIZE_ATTRIBUTES = { Glue2vCPU: 'vcpu', Glue2RAM: 'ramMb', Glue2Disk: 'diskGb' } as const;

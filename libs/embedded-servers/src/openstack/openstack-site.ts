import { readFileSync } from 'node:fs';

/** One account of a running OpenStack. */
export interface OpenStackAccount {
  readonly username: string;
  readonly password: string;
  readonly project: string;
  readonly projectId: string;
  /** Name of the account's network. */
  readonly network: string;
}

/** A running OpenStack that is ours to fill and to break. */
export interface OpenStackSite {
  readonly authUrl: string;
  /** Addresses of the services for the administrator. */
  readonly urls: Readonly<Record<string, string>>;
  readonly image: string;
  /** Name of the network outside. */
  readonly publicNetwork: string;
  readonly home: OpenStackAccount;
  /** Room for one machine and one volume. */
  readonly small: OpenStackAccount;
  readonly admin: OpenStackAccount;
}

/** The variable of the environment that names the file of the site, for programs that a story starts. */
export const SITE_VARIABLE = 'FOGBOW_OPENSTACK_SITE';

export const readOpenStackSite = (file: string): OpenStackSite => JSON.parse(readFileSync(file, 'utf8')) as OpenStackSite;

export const credentialsOf = ({ username, password, project }: OpenStackAccount): Readonly<Record<string, string>> => ({ username, password, project });

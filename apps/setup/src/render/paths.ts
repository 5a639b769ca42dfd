/** Where things are within containers; compose.yml mounts them so. */
export const INSIDE = {
  config: '/etc/fogbow/config', trust: '/etc/fogbow/trust', certificates: '/etc/fogbow/certificates', secrets: '/run/secrets', prosodyModules: '/etc/fogbow/prosody-modules',
} as const;

export const secretFile = (name: string): string => `${INSIDE.secrets}/${name}`;
export const authorityFile = `${INSIDE.trust}/ca.pem`;

/** Pure: the certificate that names the host itself, else one whose wildcard covers it (RFC 6125: one label), else the first. */
export function chooseCertificate<Named extends { readonly names: readonly string[] }>(certificates: readonly Named[], host: string | undefined): Named | undefined {
  const name = host?.toLowerCase().replace(/\.$/, '') ?? '';
  const wildcard = `*${name.slice(Math.max(name.indexOf('.'), 0))}`;
  return certificates.find(({ names }) => names.includes(name))
    ?? (name.includes('.') ? certificates.find(({ names }) => names.includes(wildcard)) : undefined)
    ?? certificates[0];
}

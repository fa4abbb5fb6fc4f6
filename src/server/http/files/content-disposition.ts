/** The header with which a browser stores a file under a name, in the two forms of RFC 6266. */
export function contentDisposition(kind: 'attachment' | 'inline', name: string): string {
  const ascii = name.replaceAll(/[^ !#$&'()+,\-.\w;=@[\]^`{}~]/g, '_');
  const escaped = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${escaped}`;
}

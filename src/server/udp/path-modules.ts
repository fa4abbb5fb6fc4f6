/** What opens the UDP paths of a server. Only servers that offer UDP load it. */

export async function pathModules() {
  const [{ newPathSecrets }, { openDatagramSocket }, { serverPath }] = await Promise.all([
    import('./path-secrets.js'),
    import('../../udp-path/socket/open-datagram-socket.js'),
    import('../../udp-path/server-path.js'),
  ]);
  return { newPathSecrets, openDatagramSocket, serverPath };
}

/** What opens the UDP paths of a client. Only programs that ask for UDP load it. */

export async function pathModules() {
  const [{ openDatagramSocket }, { ClientPath }] = await Promise.all([
    import('../../udp-path/socket/open-datagram-socket.js'),
    import('./client-path.js'),
  ]);
  return { openDatagramSocket, ClientPath };
}

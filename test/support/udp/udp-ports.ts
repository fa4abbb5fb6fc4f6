/** The ports of the UDP sockets of this process that are open. */
export function udpPorts(): number[] {
  const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  return handles.flatMap((handle) => {
    const { type, address } = handle as { type?: string; address?: () => { port: number } };
    if (type?.startsWith('udp') !== true || !address) return [];
    try {
      return [address.call(handle).port];
    } catch {
      // It is closed, and the system has not told yet.
      return [];
    }
  });
}

/**
 * Inputs as text files that editors and version control preserve: printable ASCII is literal, everything else
 * is `\xNN`. A line feed is `\n`, after which the line ends; other line ends of the file mean nothing.
 */

/** Bytes as such a text. */
export function inputText(bytes: Uint8Array): string {
  let text = '';
  for (const [index, byte] of bytes.entries()) text += inputCharacter(byte, index === bytes.length - 1);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** The bytes of such a text. */
export function inputBytes(text: string): Buffer {
  const latin1 = text
    .replace(/[\r\n]/g, '')
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hexadecimal: string | undefined, escaped: string) => {
      if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
      return escaped === 'n' ? '\n' : escaped;
    });
  return Buffer.from(latin1, 'latin1');
}

function inputCharacter(byte: number, isLast: boolean): string {
  if (byte === 0x0a) return '\\n\n';
  if (byte === 0x5c) return '\\\\';
  // Editors remove a space at the end of a line.
  const isPrintable = byte >= 0x20 && byte <= 0x7e && !(byte === 0x20 && isLast);
  return isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** The picture of the README as text. */
import type { PaneName } from '../../../site/terminal/scene.mjs';

/** The lines of each terminal that the picture shows at its end. */
export function lastLines(svg: string): Record<PaneName, string[]> {
  const [, server = '', client = ''] = svg.split('<rect ');
  return { server: linesOf(server), client: linesOf(client) };
}

function linesOf(panel: string): string[] {
  const texts = panel.matchAll(/<text (?!class="title")(.*?)>(<tspan.*?)<\/text>/g);
  const lasting = [...texts].filter(([, attributes]) => !attributes?.includes('class="past"'));
  return lasting.map(([, , content = '']) => unescaped(content.replaceAll(/<.*?>/g, '')));
}

function unescaped(text: string): string {
  return text
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

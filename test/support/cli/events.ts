/** The events that a program has written, checked against their schema. */
import { events, type EventName } from '../../../src/cli/output/events.js';

/** An event as JSON. */
export type WrittenEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** The events of standard output. Throws for a line that the table of events does not describe. */
export function eventsOf(stdout: string): WrittenEvent[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const event = JSON.parse(line) as WrittenEvent;
    const mistakes = mistakesOf(event);
    if (mistakes.length > 0) throw new Error(`${mistakes.join(', ')}: ${line}`);
    return event;
  });
}

function mistakesOf({ v, event, ...fields }: WrittenEvent): string[] {
  if (v !== 1 || !Object.hasOwn(events, event)) return ['unknown event'];
  const types: Readonly<Record<string, string>> = events[event as EventName].fields;
  const missing = Object.keys(types).filter(
    (name) => !types[name]?.endsWith('?') && !Object.hasOwn(fields, name),
  );
  const wrong = Object.entries(fields).filter(([name, value]) => !isOfType(value, types[name]));
  return [...missing.map((name) => `${name} is missing`), ...wrong.map(([name]) => `${name} is wrong`)];
}

function isOfType(value: unknown, type: string | undefined): boolean {
  if (type === undefined) return false;
  if (type === 'strings') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  return typeof value === type.replace(/\?$/, '');
}

/**
 * The types of an interface of methods that a server and its clients share. A method that returns a Duplex is a stream
 * method; every other one is called.
 */
import type { Duplex } from 'node:stream';

/** The methods of a program that names no interface: any name, with values of any type. */
export interface AnyMethods {
  [name: string]: (input?: unknown) => unknown;
}

/** What a type must be to be an interface of methods: every property is a function of at most one input. */
export type SharedApi<Api> = { [Name in keyof Api]: (input: never) => unknown };

/** Whether an interface has no names of its own. */
type IsAny<Api> = string extends keyof Api ? true : false;

/** The name of a method that is called. */
export type CallName<Api> =
  IsAny<Api> extends true
    ? string
    : { [Name in keyof Api & string]: IsStream<Api[Name]> extends true ? never : Name }[keyof Api & string];

/** The name of a method that is opened as a stream. */
export type StreamName<Api> =
  IsAny<Api> extends true
    ? string
    : { [Name in keyof Api & string]: IsStream<Api[Name]> extends true ? Name : never }[keyof Api & string];

type IsStream<Method> = Method extends (...args: never[]) => infer Output
  ? [Awaited<Output>] extends [never]
    ? false
    : Awaited<Output> extends Duplex
      ? true
      : false
  : false;

/** The input of a method; undefined for one without. */
export type InputOf<Api, Name> = Name extends keyof Api
  ? Api[Name] extends (...args: infer Args) => unknown
    ? Args extends readonly []
      ? undefined
      : Args[0]
    : never
  : unknown;

/** The output of a method. */
export type OutputOf<Api, Name> = Name extends keyof Api
  ? Api[Name] extends (...args: never[]) => infer Output
    ? Awaited<Output>
    : never
  : unknown;

/** The output of a stream method: what the `result` of its Duplex resolves with, if its type has one. */
export type StreamOutputOf<Api, Name> = Name extends keyof Api
  ? Api[Name] extends (...args: never[]) => infer Stream
    ? Awaited<Stream> extends { readonly result: Promise<infer Output> }
      ? Output
      : unknown
    : never
  : unknown;

/** The arguments of a call after the name: the input, which may be left out if it may be undefined, and the options. */
export type CallArguments<Api, Name, Options> =
  undefined extends InputOf<Api, Name>
    ? [input?: InputOf<Api, Name>, options?: Options]
    : [input: InputOf<Api, Name>, options?: Options];

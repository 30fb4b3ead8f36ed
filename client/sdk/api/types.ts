import type { z } from "zod";
import type { operations } from "./operations.ts";

export type Operations = typeof operations;
export type OperationId = keyof Operations;
/** Operations that answer with a page of a list. */
export type PagedId = {
  [Id in OperationId]: Operations[Id] extends { paged: true } ? Id : never;
}[OperationId];

/** How an operation is asked for (`routes.ts`): all that a page carries of it. Its schemas are types alone there. */
export interface Route<Id extends OperationId> extends LooseRoute {
  readonly id: Id;
}

/** A route, whichever it is, with the marks that only some have. */
export interface LooseRoute {
  readonly method: string;
  readonly path: string;
  readonly open?: true;
  readonly keyed?: true;
  readonly givesBytes?: true;
  readonly givesText?: true;
}

/** What is given to an operation, whichever it is. */
export interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly bytes?: ArrayBuffer;
}

/** As it is given: numbers in addresses may be numbers. */
type Given<S extends z.ZodType> = {
  [Field in keyof z.input<S>]:
    | z.input<S>[Field]
    | (Field extends keyof z.output<S> ? z.output<S>[Field] : never);
};

type Part<Operation, Name extends "params" | "query" | "body"> =
  Operation extends Readonly<Record<Name, infer S extends z.ZodType>>
    ? undefined extends z.input<S>
      ? { readonly [name in Name]?: z.input<S> }
      : Name extends "body"
        ? { readonly [name in Name]: z.input<S> }
        : Partial<Given<S>> extends Given<S>
          ? { readonly [name in Name]?: Given<S> }
          : { readonly [name in Name]: Given<S> }
    : unknown;

type Bytes<Operation> = Operation extends { takesBytes: true } ? { readonly bytes: ArrayBuffer } : unknown;

/** What an operation takes. */
export type InputOf<Id extends OperationId> = Part<Operations[Id], "params"> &
  Part<Operations[Id], "query"> &
  Part<Operations[Id], "body"> &
  Bytes<Operations[Id]>;

/** JSON has no `undefined`: what is optional is there or not. */
type Plain<T> = T extends object
  ? { [Field in keyof T]: Plain<undefined extends T[Field] ? Exclude<T[Field], undefined> : T[Field]> }
  : T;

/** What it answers. */
export type ReplyOf<Id extends OperationId> = Operations[Id] extends { givesBytes: true }
  ? Blob
  : Operations[Id]["reply"] extends z.ZodType
    ? Plain<z.output<Operations[Id]["reply"]>>
    : undefined;

export type ItemOf<Id extends PagedId> =
  ReplyOf<Id> extends { items: readonly (infer Item)[] } ? Item : never;

export interface CallOptions {
  /** Names what is made, for whoever may come again later; by default every call has one of its own. */
  readonly idempotencyKey?: string | undefined;
  /** The ETag that was read: a change in between is `precondition_failed`. */
  readonly ifMatch?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer<Reply> {
  readonly reply: Reply;
  readonly status: number;
  readonly etag: string | null;
  /** For whoever is asked what became of it. */
  readonly requestId: string | null;
  /** It was done before: this is the first reply again. */
  readonly replayed: boolean;
  /** The address of the next page. */
  readonly next: string | null;
}

/** The input may be left out where nothing of it is needed. */
export type Args<Id extends OperationId> =
  Partial<InputOf<Id>> extends InputOf<Id>
    ? [input?: InputOf<Id>, options?: CallOptions]
    : [input: InputOf<Id>, options?: CallOptions];

export type Methods = {
  readonly [Id in OperationId]: (...args: Args<Id>) => Promise<ReplyOf<Id>>;
};

/** Every operation as a method by its id. Every failure is a `HugMeDoError` with the problem's code. */
export interface ApiClient extends Methods {
  /** As the method, with what the answer's headers say. */
  call<Id extends OperationId>(id: Id, ...args: Args<Id>): Promise<Answer<ReplyOf<Id>>>;
  /** All items of a list, page by page as they are wanted. */
  pages<Id extends PagedId>(id: Id, ...args: Args<Id>): AsyncGenerator<ItemOf<Id>, void>;
}

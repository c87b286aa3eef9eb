/** What we use of `@bytecodealliance/jco-transpile`: its own declarations pull in those of its WASI shims. */
declare module "@bytecodealliance/jco-transpile/component" {
  export interface GenerateOptions {
    name: string;
    noTypescript?: boolean;
    instantiation?: { tag: "async" | "sync" };
    map?: [from: string, to: string][];
    noNodejsCompat?: boolean;
    base64Cutoff?: number;
    noNamespacedExports?: boolean;
    noComponentErrorWrapping?: boolean;
    asyncMode?: { tag: "sync" } | { tag: "jspi"; val: { imports: string[]; exports: string[] } };
  }
  export interface Transpiled {
    files: [name: string, bytes: Uint8Array][];
    imports: string[];
    exports: [name: string, kind: "function" | "instance"][];
  }
  export const $init: Promise<void>;
  /** Throws a ComponentError, or a string, where the component is not valid. */
  export function generate(component: Uint8Array, options: GenerateOptions): Transpiled;
}

declare module "@bytecodealliance/jco-transpile/wasm-tools" {
  /** Component from its text form. */
  export function parse(wat: string): Promise<Uint8Array>;
  /** Component from a core module with an embedded world, and adapters. */
  export function componentNew(core: Uint8Array, adapters?: [name: string, bytes: Uint8Array][]): Promise<Uint8Array>;
  /** Core module with a world, given as WIT text, embedded. */
  export function componentEmbed(options: {
    binary: Uint8Array;
    witSource: string;
    world?: string;
  }): Promise<Uint8Array>;
}

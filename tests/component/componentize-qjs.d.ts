/** What the tests use of `componentize-qjs`, whose native part is there for the common platforms only. */
declare module "componentize-qjs" {
  export function componentize(options: {
    witPath: string;
    jsSource: string;
    world?: string;
    /** Without the component model's async functions (WASI 0.2). */
    sync?: boolean;
    optSize?: boolean;
  }): Promise<{ component: Uint8Array }>;
}

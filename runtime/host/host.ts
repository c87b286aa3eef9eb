/** What a machine asks of the host it runs on, beside WebAssembly and what every JavaScript host has. */
import type { HostDirectory } from "../../kernel/fs/hostfs.ts";
import type { ImageEntry } from "../../kernel/fs/imagefs.ts";
import type { ImageCache } from "../loader/index.ts";

/** The timer interrupt: see node/ticker.ts. */
export interface Ticker {
  stop(): Promise<void>;
}

export interface MachineHost {
  /** The kernel's hot half, compiled. Rejects with ERR_NOT_BUILT. */
  hotHalf(): Promise<WebAssembly.Module>;
  /** The WASI adapter, compiled. Rejects with ERR_NOT_BUILT. */
  wasiAdapter(): Promise<WebAssembly.Module>;
  /** The root image. Rejects with ERR_NOT_BUILT. */
  rootImage(): Promise<Iterable<ImageEntry>>;
  /** Folders of the host that belong to it, where they have been built: mounted, as an index of them would make every start longer. */
  rootFolders(): readonly { readonly host: string; readonly guest: string }[];
  /** A folder to be mounted. Throws ERR_MOUNT where there is none that can be read. */
  openFolder(path: string): HostDirectory;
  /** Starts ticking on kernel memory. */
  startTicker(buffer: SharedArrayBuffer): Ticker;
  /** Fills with random bytes, fit for keys. */
  random(bytes: Uint8Array): void;
  /** Called before the first guest starts: sees to the size of guests' stacks. */
  sizeStacks(): void;
  /** The host's HTTP client. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Runs `body` once pending input, output and timers of the event loop have had their turn. */
  defer(body: () => void): void;
  /** Where prepared images are kept. */
  readonly cache: ImageCache;
  /** Images that were prepared when the guests were built. */
  readonly prepared: Pick<ImageCache, "get">;
}

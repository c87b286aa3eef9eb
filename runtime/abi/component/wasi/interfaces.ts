/** Every interface that a component can import, and what serves it. */
import { cli } from "./cli.ts";
import { clocks } from "./clocks.ts";
import { filesystem } from "./filesystem.ts";
import { http } from "./http.ts";
import { http3 } from "./http3.ts";
import { InputStream, IoError, OutputStream, poll } from "./io.ts";
import { cli3, clocks3, filesystem3 } from "./preview3.ts";
import { random } from "./random.ts";
import { sockets } from "./sockets.ts";
import { sockets3 } from "./sockets3.ts";
import type { World } from "./world.ts";

type Names = Readonly<Record<string, unknown>>;
type Package = (world: World) => Readonly<Record<string, Names>>;

/** The packages by the name that they have in the glue, which leaves versions out. */
const PACKAGES: Readonly<Record<string, Package>> = {
  "wasi:cli": cli,
  "wasi:clocks": clocks,
  "wasi:filesystem": filesystem,
  "wasi:http": http,
  "wasi:io": ({ calls }) => ({ error: { Error: IoError }, poll: poll(calls), streams: { InputStream, OutputStream } }),
  "wasi:random": random,
  "wasi:sockets": sockets,
  "wasi3:cli": cli3,
  "wasi3:clocks": clocks3,
  "wasi3:filesystem": filesystem3,
  "wasi3:http": http3,
  "wasi3:random": random,
  "wasi3:sockets": sockets3,
};

/** What a component's glue is given: its functions and classes by interface. */
export function makeImports(world: World): Record<string, Names> {
  return Object.fromEntries(
    Object.entries(PACKAGES).flatMap(([name, make]) =>
      Object.entries(make(world)).map(([item, names]): [string, Names] => [`${name}/${item}`, names]),
    ),
  );
}

/** The interfaces without a process behind them: to look at, not to call. */
const INTERFACES = makeImports({ calls: null, stdio: [], http: null } as unknown as World);

/** Versions that are served, and what tells them apart in the glue. */
const V3 = "wasi3:";
const VERSIONS: readonly (readonly [version: RegExp, prefix: string])[] = [
  [/^0\.2\.\d+$/, "wasi:"],
  [/^0\.3\.0$/, V3],
];

/** An interface that is served. */
export interface FoundInterface {
  /** Its key among the imports. */
  readonly specifier: string;
  readonly names: readonly string[];
  /** Its functions that return promises, by the names of WIT. */
  readonly waits: readonly string[];
}

/** The interface that serves an import such as `wasi:io/streams@0.2.3`, or one of the glue's specifiers. */
export function findInterface(name: string): FoundInterface | undefined {
  const [, prefix, item, version] = /^([a-z0-9]+:)([^@]+)(?:@(.+))?$/.exec(name) ?? [];
  const found = version === undefined ? prefix : VERSIONS.find(([served]) => served.test(version))?.[1];
  if (found === undefined || (version !== undefined && prefix !== "wasi:")) return undefined;
  const specifier = `${found}${item}`;
  const names = INTERFACES[specifier];
  if (!names) return undefined;
  const waits = specifier.startsWith(V3) ? [] : Object.entries(names).flatMap(([each, value]) => waiting(each, value));
  return { specifier, names: Object.keys(names), waits };
}

const kebab = (name: string): string => name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

const isAsync = (value: unknown): boolean => value instanceof Function && value.constructor.name === "AsyncFunction";

/** Which functions of an item of an interface may wait. */
function waiting(name: string, value: unknown): string[] {
  if (isAsync(value)) return [kebab(name)];
  const prototype = (value as { prototype?: object } | undefined)?.prototype;
  if (!prototype) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, { value: method }]) => isAsync(method))
    .map(([method]) => `[method]${kebab(name)}.${kebab(method)}`);
}

/** wasi:sockets' ip-name-lookup, for both versions: addresses as text, and the machine's /etc/hosts. There is no name server. */
import { AT_FDCWD, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../../../../kernel/abi/fcntl.ts";
import { ASYNC_BUFFER, ASYNC_BUFFER_BYTES, ASYNC_STRUCTS, type Calls } from "../calls.ts";
import type { IpAddress } from "./socket.ts";

const HOSTS = "/etc/hosts";
/** Of a host (RFC 1035, 2.3.4), and more than any address has. */
const LONGEST_NAME = 255;

/** Four numbers with dots, or undefined. */
function parseV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.map(Number);
}

/** The eight numbers of an address of RFC 4291, 2.2, or undefined. */
function parseV6(text: string): number[] | undefined {
  const halves = text.split("::");
  // An IPv4 address can stand at the end only.
  if (halves.length > 2 || /\..*:/.test(text)) return undefined;
  const [head, tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")).flatMap(groups));
  const all = [...head, ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  if (halves.length === 1 ? all.length !== 8 : all.length > 7) return undefined;
  const zeroes = new Array<string>(8 - all.length).fill("0");
  return [...head, ...zeroes, ...tail].map((group) => Number.parseInt(group, 16));
}

/** A group, or the two that an IPv4 address at the end stands for. */
function groups(text: string): string[] {
  const v4 = text.includes(".") ? parseV4(text) : undefined;
  return v4 ? [((v4[0] << 8) | v4[1]).toString(16), ((v4[2] << 8) | v4[3]).toString(16)] : [text];
}

/** An IPv4 address within an IPv6 one is given as the former. */
function parseAddress(text: string): IpAddress | undefined {
  const v4 = parseV4(text);
  if (v4) return { tag: "ipv4", val: v4 };
  const v6 = text.includes(":") ? parseV6(text) : undefined;
  if (!v6) return undefined;
  const [high, low] = v6.slice(6);
  if (v6.slice(0, 5).every((word) => word === 0) && v6[5] === 0xffff)
    return { tag: "ipv4", val: [high >> 8, high & 0xff, low >> 8, low & 0xff] };
  return { tag: "ipv6", val: v6 };
}

/** The beginning of a file, "" for none. */
function readFile(calls: Calls, path: string): string {
  calls.u8.set(new TextEncoder().encode(`${path}\0`), ASYNC_STRUCTS);
  const fd = calls.now("openat", AT_FDCWD, ASYNC_STRUCTS, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0) return "";
  const length = calls.now("read", fd, ASYNC_BUFFER, ASYNC_BUFFER_BYTES);
  calls.now("close", fd);
  return length > 0 ? new TextDecoder().decode(calls.copy(ASYNC_BUFFER, length)) : "";
}

/** A host's name as RFC 1123, 2.1 has it. */
const NAME = /^(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;

/** In ASCII (IDNA), or undefined. */
function asciiName(name: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII
  const ascii = /^[\x00-\x7f]*$/.test(name)
    ? name
    : URL.canParse(`http://${name}`)
      ? new URL(`http://${name}`).host
      : "";
  // What ends with a number is an address, or none (RFC 1123, 2.1).
  if (!NAME.test(ascii) || /(^|\.)\d+\.?$/.test(ascii)) return undefined;
  return ascii.toLowerCase().replace(/\.$/, "");
}

/** The addresses of a host, or an error-code. */
export function lookUp(calls: Calls, name: string): IpAddress[] | "invalid-argument" | "name-unresolvable" {
  if (name.length > LONGEST_NAME) return "invalid-argument";
  const address = parseAddress(name);
  if (address) return [address];
  const wanted = asciiName(name);
  if (wanted === undefined) return "invalid-argument";
  const found = readFile(calls, HOSTS)
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter(([, ...names]) => names.some((each) => each.toLowerCase() === wanted))
    .flatMap(([text]) => parseAddress(text) ?? []);
  return found.length > 0 ? found : "name-unresolvable";
}

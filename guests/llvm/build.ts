/**
 * The compiler inside a machine: clang and lld as npm carries them, one WASI program of 75 MB, with the scripts in this folder before
 * it, our headers and our C library. The C++ library is mounted where it has been built (runtime/host/node/built.ts).
 */

import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SYSROOT } from "../libc/build.ts";
import { guest } from "../paths.ts";
import { putProgram } from "../root/put.ts";

/** Names under which LLVM's program is one of its tools: those that do something for our programs. */
const TOOLS = ["clang", "wasm-ld", "ar", "c++filt", "nm", "objcopy", "objdump", "ranlib", "size", "strip"];
/** The one that a script stands before. */
const DRIVEN = "clang";
/** Headers of clang's own that are not about some other processor. */
const HEADERS = /^(__float|__std|__tgmath|float|inttypes|iso646|limits|std|tgmath|unwind|varargs|wasm_simd128)/;
/** Headers of Linux's own for what the kernel has, beside those that the C library's headers include. The others are about devices. */
const LINUX =
  `aio_abi audit bpf capability close_range const errno eventfd eventpoll falloc fcntl filter fs futex inotify io_uring ioctl kcmp
  kernel landlock limits magic membarrier memfd mman mount mqueue msg net netlink nsfs openat2 param pidfd poll prctl ptrace random resource
  rseq sched seccomp sem shm signal signalfd socket sockios stat stddef string sysinfo taskstats termios time timerfd times tty types uio un
  unistd userfaultfd utsname vm_sockets wait xattr`.split(/\s+/);
/** Folders with headers of devices. */
const DEVICES = /^(mtd|scsi|sound|video)\//;

/** Puts all of it into a root tree. */
export function putCompiler(tree: string): void {
  const llvm = join(tree, "usr/lib/llvm");
  mkdirSync(join(llvm, "bin"), { recursive: true });
  const bundle = createRequire(import.meta.url).resolve("@yowasp/clang");
  putProgram(join(dirname(bundle), "llvm.core.wasm"), join(llvm, "llvm"));
  for (const name of TOOLS) {
    symlinkSync("../llvm", join(llvm, "bin", name));
    if (name !== DRIVEN) link(`../lib/llvm/bin/${name}`, join(tree, "usr/bin", name));
  }
  putProgram(guest("llvm", "driver"), join(tree, "usr/bin/clang"));
  for (const name of ["ring3-cc", "ring3-c++"]) putProgram(guest("bin", name), join(llvm, name));
  copyFileSync(guest("llvm", "environment.sh"), join(llvm, "environment.sh"));
  for (const name of ["cc", "c99", "gcc"]) link("../lib/llvm/ring3-cc", join(tree, "usr/bin", name));
  for (const name of ["c++", "g++"]) link("../lib/llvm/ring3-c++", join(tree, "usr/bin", name));

  for (const header of headers(join(SYSROOT, "include"))) {
    const to = join(tree, "usr/include", header);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(SYSROOT, "include", header), to);
  }
  cpSync(join(SYSROOT, "lib"), join(tree, "usr/lib"), { recursive: true });
  const clang = join(tree, "usr/lib/clang");
  cpSync(join(SYSROOT, "clang"), clang, { recursive: true, dereference: true });
  for (const name of readdirSync(join(clang, "include"))) {
    if (!HEADERS.test(name)) rmSync(join(clang, "include", name), { recursive: true });
  }
}

/** Headers in a folder that programs of a machine have a use for. */
function headers(folder: string): Set<string> {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".h"));
  const known = new Set(all);
  const chosen = new Set<string>();
  const choose = (header: string) => {
    if (!known.has(header) || chosen.has(header)) return;
    chosen.add(header);
    const text = readFileSync(join(folder, header), "utf8");
    for (const [, included] of text.matchAll(/^#\s*include\s*[<"]([^>"]+)/gm)) choose(included);
  };
  for (const name of all) if (!name.startsWith("linux/") && !DEVICES.test(name)) choose(name);
  for (const name of LINUX) choose(`linux/${name}.h`);
  return chosen;
}

/** busybox has an applet or two of these names. */
function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

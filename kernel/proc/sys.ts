/** /proc/sys (man 5 proc_sys). */
import { EINVAL, EPERM } from "../abi/errno.ts";
import type { Sysctl } from "../fs/sysctl.ts";
import { FILES_OPEN, PIPE_MAX } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import { RELEASE, VERSION } from "../misc.ts";
import { type DirectorySpec, directory, type FileSpec, file } from "./node.ts";
import type { Machine } from "./subjects.ts";
import { sysNetDirectory } from "./sysnet.ts";

function text(show: (kernel: Kernel) => string | number): FileSpec<Machine> {
  return file(({ kernel }) => `${show(kernel)}\n`);
}

/** A host or domain name: at most 64 bytes. */
function name(field: "hostname" | "domainname"): FileSpec<Machine> {
  return file(({ kernel }) => `${kernel[field]}\n`, {
    write({ kernel }, value) {
      kernel[field] = value.replace(/\n[\s\S]*$/, "").slice(0, 64);
      return 0;
    },
  });
}

type NumberSetting = keyof Sysctl;

/** A number of Vfs.sysctl that root may set between bounds. */
function number(field: NumberSetting, min: number, max: number): FileSpec<Machine> {
  return file(({ kernel }) => `${kernel.vfs.sysctl[field]}\n`, {
    write({ kernel }, value, t) {
      if (t !== null && t.euid !== 0) return -EPERM;
      const wanted = Number(value.trim());
      if (value.trim() === "" || !Number.isInteger(wanted) || wanted < min || wanted > max) return -EINVAL;
      kernel.vfs.sysctl[field] = wanted;
      return 0;
    },
  });
}

/** A random UUID, version 4 (RFC 9562). */
function uuid(kernel: Kernel): string {
  const bytes = new Uint8Array(16);
  kernel.platform.random(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const PID_MAX = 4194304;
const NGROUPS_MAX = 65536;
const CAP_LAST_CAP = 40;
const NOBODY = 65534;

/** The tree of one machine. */
export function sysDirectory(kernel: Kernel): DirectorySpec<Machine> {
  let bootId = "";
  return directory({
    fs: directory<Machine>({
      "file-max": number("fileMax", 0, Number.MAX_SAFE_INTEGER),
      "file-nr": text(({ kmem, vfs }) => `${kmem.u32[FILES_OPEN >> 2]}\t0\t${vfs.sysctl.fileMax}`),
      nr_open: text(() => 1048576),
      "pipe-max-size": number("pipeMaxSize", 4096, PIPE_MAX),
      protected_fifos: number("protectedFifos", 0, 2),
      protected_hardlinks: number("protectedHardlinks", 0, 1),
      protected_regular: number("protectedRegular", 0, 2),
      protected_symlinks: number("protectedSymlinks", 0, 1),
    }),
    kernel: directory<Machine>({
      cap_last_cap: text(() => CAP_LAST_CAP),
      domainname: name("domainname"),
      hostname: name("hostname"),
      ngroups_max: text(() => NGROUPS_MAX),
      osrelease: text(() => RELEASE),
      ostype: text(() => "Linux"),
      overflowgid: text(() => NOBODY),
      overflowuid: text(() => NOBODY),
      pid_max: text(() => PID_MAX),
      random: directory<Machine>({
        boot_id: text(() => (bootId ||= uuid(kernel))),
        entropy_avail: text(() => 256),
        poolsize: text(() => 256),
        uuid: text(uuid),
      }),
      "threads-max": text(({ options }) => options.pidsLimit),
      version: text(() => VERSION),
    }),
    net: sysNetDirectory,
    vm: directory<Machine>({
      overcommit_memory: text(() => 0),
    }),
  });
}

/** `ring3 start`, which `npm start` runs: a login shell in a terminal, the tour without one. */
import { isatty } from "node:tty";
import type { MachineFlags } from "./options.ts";
import { run } from "./run.ts";

export function start(flags: MachineFlags): Promise<number> {
  // argv[0] with a dash in front makes a login shell (man 1 sh), which reads /etc/profile.
  if (isatty(0)) {
    return run({ flags: { workdir: "/root", ...flags }, program: "/bin/sh", argv0: "-sh", args: [], inMachine: true });
  }
  return run({ flags, program: "/bin/sh", args: ["/etc/tour.sh"], inMachine: true });
}

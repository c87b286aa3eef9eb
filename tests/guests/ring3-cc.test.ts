import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guest } from "../../guests/paths.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ring3-cc-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function cc(args: string[], compiler = guest("bin", "ring3-cc")) {
  return spawnSync(compiler, args, { cwd: folder, encoding: "utf8" });
}

/** Compiles a program; what it imports and exports, by name. */
function compile(source: string, options: string[] = []) {
  writeFileSync(join(folder, "program.c"), source);
  const { status, stderr } = cc(["-O1", "-w", "program.c", "-o", "program", ...options]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const bytes = readFileSync(join(folder, "program"));
  const module = new WebAssembly.Module(bytes);
  return {
    size: bytes.length,
    imports: WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`),
    exports: WebAssembly.Module.exports(module).map(({ name }) => name),
  };
}

const HELLO = '#include <stdio.h>\nint main(int argc, char **argv) { printf("%d %g\\n", argc, 1.5); return 0; }\n';

describe("what a program imports", () => {
  test("only what it can call", () => {
    const { imports, size } = compile(HELLO, ["-s"]);
    expect(imports).not.toContain("wali.SYS_fork");
    expect(imports).not.toContain("ring3.clone");
    expect(imports.length).toBeLessThan(25);
    expect(size).toBeLessThan(32 * 1024);
  });

  test("system and popen do without fork", () => {
    const { imports } = compile(
      '#include <stdio.h>\n#include <stdlib.h>\nint main() { popen("x", "r"); return system("x"); }',
    );
    expect(imports).toContain("ring3.clone");
    expect(imports).not.toContain("wali.SYS_fork");
    expect(imports).not.toContain("wali.SYS_vfork");
  });

  test("fork and vfork are imports of their own", () => {
    expect(compile("#include <unistd.h>\nint main() { return fork(); }").imports).toContain("wali.SYS_fork");
    const { imports } = compile("#include <unistd.h>\nint main() { return vfork(); }");
    expect(imports).toContain("wali.SYS_vfork");
    expect(imports).not.toContain("wali.SYS_fork");
  });

  test("setjmp needs no import", () => {
    const { imports } = compile(
      "#include <setjmp.h>\njmp_buf b; int main() { if (setjmp(b)) return 0; longjmp(b, 1); }",
    );
    expect(imports.filter((name) => name.includes("jmp"))).toEqual([]);
  });

  test("syscall with a number in the source imports that call alone", () => {
    const { imports } = compile(
      "#include <sys/syscall.h>\n#include <unistd.h>\nint main() { return syscall(SYS_getcpu, 0, 0, 0); }",
    );
    expect(imports).toContain("wali.SYS_getcpu");
    expect(imports.length).toBeLessThan(25);
  });
});

test("what the kernel needs is exported", () => {
  const { exports } = compile(HELLO);
  expect(exports).toEqual(
    expect.arrayContaining(["_start", "memory", "__stack_pointer", "__tls_base", "__indirect_function_table"]),
  );
});

test.each([
  ["int main(void) { return 0; }"],
  ["int main() { return 0; }"],
  ["int main(int c, char **v) { return 0; }"],
  ["int main(int c, char **v, char **e) { return 0; }"],
  ["int main(c, v) int c; char **v; { return 0; }"],
])("%s", (source) => {
  expect(compile(source).exports).toContain("_start");
});

describe("options of cc", () => {
  test("the program is executable", () => {
    compile(HELLO);
    expect(statSync(join(folder, "program")).mode & 0o111).not.toBe(0);
  });

  test("what means nothing here is left out", () => {
    const linker = "-Wl,--as-needed,-z,relro,-z,now,-rpath,/x,--hash-style=gnu,--start-group,--end-group";
    compile(HELLO, ["-fPIC", "-pie", "-static", "-rdynamic", "-pthread", linker, "-lm", "-lpthread", "-ldl"]);
  });

  test("-shared is refused in one line", () => {
    const { status, stderr } = cc(["-shared", "program.c", "-o", "x.so"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ring3-cc: -shared: .*\n$/);
  });

  test("-dumpmachine prints a name that config.sub knows", () => {
    expect(cc(["-dumpmachine"]).stdout).toBe("wasm32-linux-musl\n");
  });

  test("-E, -S, -c, -MD, @file, several inputs", () => {
    writeFileSync(join(folder, "a.c"), "int b(void);\nint main() { return b(); }\n");
    writeFileSync(join(folder, "b.c"), "int b(void) { return X; }\n");
    writeFileSync(join(folder, "arguments"), "-DX=0 -O2\n");
    expect(cc(["@arguments", "-E", "b.c"]).stdout).toContain("return 0");
    expect(cc(["@arguments", "-S", "b.c", "-o", "-"]).stdout).toContain(".functype\tb");
    expect(cc(["@arguments", "-MD", "-c", "b.c"]).status).toBe(0);
    expect(readFileSync(join(folder, "b.d"), "utf8")).toBe("b.o: b.c\n");
    expect(cc(["a.c", "b.o", "-o", "ab"]).status).toBe(0);
    expect(cc(["@arguments", "a.c", "b.c", "-o", "ab"]).status).toBe(0);
  });

  test("it can be called through a link", () => {
    symlinkSync(guest("bin", "ring3-cc"), join(folder, "cc-link"));
    expect(cc(["-dumpmachine"], join(folder, "cc-link")).stdout).toBe("wasm32-linux-musl\n");
  });
});

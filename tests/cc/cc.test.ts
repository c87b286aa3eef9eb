/** The compilers inside a machine, by what the same sources do when the host's compiler makes programs of them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureOptional } from "../../guests/build.ts";
import { boot, type Machine } from "../../runtime/index.ts";

const BUILD_MS = 10 * 60_000;

/** Programs, each in its files. */
const SOURCES = {
  "fork.c": `
    #include <stdio.h>
    #include <sys/wait.h>
    #include <unistd.h>
    int main(void) {
      for (int i = 3; i > 0; i--) {
        if (fork() == 0) { printf("child %d\\n", i); return i; }
      }
      int status, sum = 0;
      while (wait(&status) > 0) sum += WEXITSTATUS(status);
      printf("sum %d\\n", sum);
    }`,
  "part.h": "int twice(int x);\n",
  "part.c": '#include "part.h"\nint twice(int x) { return 2 * x; }\n',
  "main.c": `
    #include <math.h>
    #include <pthread.h>
    #include <setjmp.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "part.h"
    static jmp_buf env;
    static void *thread(void *x) { return (void *)((char *)x + 1); }
    static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
    int main(int argc, char **argv) {
      int numbers[] = {5, 3, 9, 1};
      qsort(numbers, 4, sizeof *numbers, compare);
      pthread_t t;
      void *result;
      pthread_create(&t, NULL, thread, argv[0]);
      pthread_join(t, &result);
      if (setjmp(env) == 0) longjmp(env, 1);
      printf("%d %d %.3f %d %s\\n", numbers[0], twice(21), sqrt(2.0) + cbrt(N), (int)((char *)result - argv[0]), argc > 1 ? argv[1] : "-");
      return strlen("seven!!");
    }`,
  "main.cc": `
    #include <iostream>
    #include <map>
    #include <stdexcept>
    #include <string>
    #include <thread>
    #include <vector>
    std::vector<int> squares(int n);
    struct Told { ~Told() { std::cout << "unwound\\n"; } };
    int main() {
      std::map<std::string, int> sums;
      std::vector<std::thread> threads;
      for (const char *name : {"one", "two", "three"}) {
        int &sum = sums[name];
        threads.emplace_back([&sum, name] { for (int x : squares(std::string(name).size())) sum += x; });
      }
      for (auto &thread : threads) thread.join();
      for (const auto &[name, sum] : sums) std::cout << name << ' ' << sum << '\\n';
      try {
        Told told;
        std::cout << squares(2).at(2) << '\\n';
      } catch (const std::out_of_range &error) {
        std::cout << "caught" << std::endl;
      }
      return sums.size();
    }`,
  "squares.cpp": `
    #include <vector>
    std::vector<int> squares(int n) {
      std::vector<int> all;
      for (int i = 1; i <= n; i++) all.push_back(i * i);
      return all;
    }`,
  "wrong.c": "int main(void) { return undeclared }\n",
  "unresolved.c": "int missing(void);\nint main(void) { return missing(); }\n",
};

const folder = mkdtempSync(join(tmpdir(), "ring3-cc-"));
let machine: Machine;

/** A command's output, standard error and exit status in the machine. */
async function inside(command: string) {
  const { stdout, stderr, code } = await (await machine.spawn(command, { cwd: "/root" })).result();
  return { stdout, stderr, code };
}

/** And on the host. */
function outside(command: string) {
  const { stdout, stderr, status } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
  return { stdout, stderr, code: status };
}

/** The same command on both sides; programs that it makes have to behave alike. */
async function both(command: string) {
  const here = await inside(command);
  expect(here).toEqual(outside(command));
  return here;
}

beforeAll(async () => {
  // Machines have it that boot when it is there.
  await ensureOptional("c++", { log: console.error });
  machine = await boot({});
  for (const [name, text] of Object.entries(SOURCES)) {
    writeFileSync(join(folder, name), text);
    await machine.fs.writeFile(`/root/${name}`, text);
  }
}, BUILD_MS);

afterAll(async () => {
  await machine.shutdown();
  rmSync(folder, { recursive: true });
});

test("a program that forks, in a pipeline", async () => {
  const { stdout } = await both("cc -O2 fork.c -o fork && ./fork | sort");
  expect(stdout).toContain("sum 6");
});

test("objects, a library, definitions, several sources at once", async () => {
  await both(
    "cc -c part.c && ar rcs libpart.a part.o && cc -DN=27 main.c -L. -lpart -lm -pthread -o one && ./one; echo $?",
  );
  await both("cc -DN=8 -g -Wall main.c part.c -lm -pthread -o two && ./two x; echo $?; ls *.o");
});

test("its errors are clang's, with exit status 1 and nothing left behind", async () => {
  const wrong = await inside("cc wrong.c -o wrong; echo $?; ls /tmp wrong");
  expect(wrong.stderr).toContain("wrong.c:1:25: error: use of undeclared identifier 'undeclared'");
  expect(wrong.stdout).toBe("1\n/tmp:\n");
  const unresolved = await inside("cc unresolved.c -o unresolved; echo $?; ls /tmp unresolved");
  expect(unresolved.stderr).toMatch(/wasm-ld: error: .*undefined symbol: missing/);
  expect(unresolved.stdout).toBe("1\n/tmp:\n");
  const none = await inside("cc no-such-file.c; echo $?");
  expect(none.stderr).toContain("no such file or directory: 'no-such-file.c'");
  expect(none.stdout).toBe("1\n");
});

test("preprocessing, assembly, questions", async () => {
  await both("echo 'x __LINE__' | cc -E -P -");
  await both("cc -fsyntax-only part.c; echo $?");
  expect((await inside("cc -S -O1 part.c -o - | grep -c i32.shl")).stdout).toBe("1\n");
  expect((await inside("cc --version")).stdout).toMatch(/^clang version 22/);
  expect((await inside("cc -dumpmachine")).stdout).toBe("wasm32-linux-musl\n");
});

test("C++: streams, containers, exceptions, threads", { timeout: BUILD_MS }, async () => {
  const { stdout } = await both(
    "c++ -std=c++17 -O1 -c squares.cpp && c++ -std=c++17 -pthread main.cc squares.o -o squares && ./squares; echo $?",
  );
  expect(stdout).toBe("one 14\nthree 55\ntwo 14\nunwound\ncaught\n3\n");
});

test("a machine without the C++ library says how to make it", async () => {
  const { stdout, stderr } = await inside(
    "umount /usr/lib/c++; echo 'int main() {}' > empty.cc; c++ empty.cc; echo $?",
  );
  expect(stdout).toBe("1\n");
  expect(stderr).toMatch(/^c\+\+: this machine has no C\+\+ library: run 'node guests\/build.ts c\+\+' .*\n$/);
});

// Memory, options, tables, walking trees, users, checks.
#include <assert.h>
#include <ftw.h>
#include <getopt.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <search.h>
#include <stdalign.h>
#include <stddef.h>
#include "../../harness.h"

CASE(allocation) {
  char *at = malloc(100);
  NUM(((uintptr_t)at % alignof(max_align_t)));
  memset(at, 'x', 100);
  at = realloc(at, 100000);
  NUM(at[99]);
  at = realloc(at, 10);
  NUM(at[9]);
  free(at);
  free(NULL);
  int *zeros = calloc(1000, sizeof *zeros);
  long sum = 0;
  for (int i = 0; i < 1000; i++) sum += zeros[i];
  NUM(sum);
  free(zeros);
  volatile size_t half = SIZE_MAX / 2;
  void *volatile kept = calloc(half, 4); // volatile: compilers know calloc, and may do without it
  NUM(kept == NULL);
  STR(errname(errno));
  void *aligned = NULL;
  ERR(posix_memalign(&aligned, 4096, 100));
  NUM((uintptr_t)aligned % 4096);
  free(aligned);
  ERR(posix_memalign(&aligned, 3, 100));
  aligned = aligned_alloc(64, 128);
  NUM((uintptr_t)aligned % 64);
  NUM(malloc_usable_size(aligned) >= 128);
  kept = reallocarray(NULL, half, 3);
  NUM(kept == NULL);
}

// Random sizes, contents checked whenever a block is moved or freed.
CASE(allocation_stress) {
  static unsigned char *blocks[64];
  static size_t sizes[64];
  unsigned seed = 1;
  int wrong = 0;
  for (int turn = 0; turn < 20000; turn++) {
    seed = seed * 1103515245 + 12345;
    unsigned slot = seed >> 8 & 63;
    size_t size = (seed >> 16 & 15) == 0 ? (seed >> 4) % 200000 : (seed >> 4) % 500;
    for (size_t i = 0; i < sizes[slot]; i += 97) wrong += blocks[slot][i] != (unsigned char)(slot + i);
    if (turn % 3 == 0) {
      free(blocks[slot]);
      blocks[slot] = malloc(size);
    } else {
      blocks[slot] = realloc(blocks[slot], size + 1);
    }
    sizes[slot] = turn % 3 == 0 ? size : size + 1;
    for (size_t i = 0; i < sizes[slot]; i++) blocks[slot][i] = (unsigned char)(slot + i);
  }
  NUM(wrong);
}

static void parse(int argc, char **argv, const char *short_options) {
  static const struct option long_options[] = {{"verbose", no_argument, NULL, 'v'},
                                               {"output", required_argument, NULL, 'o'},
                                               {"level", optional_argument, NULL, 'l'},
                                               {NULL, 0, NULL, 0}};
  int c;
  optind = 0;
  opterr = 0;
  while ((c = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
    printf("%c(%s) ", c, optarg ? optarg : "");
  printf("| rest:");
  for (int i = optind; i < argc; i++) printf(" %s", argv[i]);
  printf("\n");
}
CASE(options) {
  parse(6, (char *[]){"x", "-v", "-o", "file", "-lz", "rest", NULL}, "vo:l::");
  parse(5, (char *[]){"x", "--verbose", "--output=file", "--level", "rest", NULL}, "vo:l::");
  parse(5, (char *[]){"x", "first", "-v", "--", "-o", NULL}, "vo:l::");
  parse(5, (char *[]){"x", "first", "-v", "--", "-o", NULL}, "+vo:l::");
  parse(3, (char *[]){"x", "-z", "-o", NULL}, "vo:l::");
  parse(3, (char *[]){"x", "-vvofile", "--unknown", NULL}, ":vo:l::");
  parse(3, (char *[]){"x", "--verb", "--out", NULL}, ":vo:l::");
}

static int compare(const void *a, const void *b) {
  return strcmp(a, b);
}
static void visit(const void *node, VISIT when, int level) {
  (void)level;
  if (when == postorder || when == leaf) printf("%s ", *(char *const *)node);
}
CASE(search_tables) {
  void *tree = NULL;
  static const char *words[] = {"pear", "apple", "fig", "kiwi", "apple", "date"};
  for (size_t i = 0; i < COUNT(words); i++) tsearch(words[i], &tree, compare);
  twalk(tree, visit);
  printf("\n%d %d\n", tfind("fig", &tree, compare) != NULL, tfind("plum", &tree, compare) != NULL);
  tdelete("fig", &tree, compare);
  twalk(tree, visit);
  printf("\n");
  hcreate(20);
  for (size_t i = 0; i < COUNT(words); i++) hsearch((ENTRY){(char *)words[i], (void *)(i + 1)}, ENTER);
  ENTRY *found = hsearch((ENTRY){.key = "kiwi"}, FIND);
  printf("%d %d\n", (int)(intptr_t)found->data, hsearch((ENTRY){.key = "plum"}, FIND) == NULL);
  hdestroy();
}

static int note(const char *path, const struct stat *st, int type, struct FTW *where) {
  static const struct name types[] = {N(FTW_F), N(FTW_D), N(FTW_DP), N(FTW_SL), N(FTW_DNR), N(FTW_NS)};
  (void)st;
  if (type != FTW_F || where->level > 2) printf("%s %s level %d base %s\n", path, name_in(types, COUNT(types), type), where->level, path + where->base);
  return 0;
}
CASE(walk_a_tree) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  MUST(mkdir("a/b/c", 0755));
  put("a/b/c/file", "");
  SHOW(nftw("a", note, 10, FTW_PHYS));
  SHOW(nftw("a", note, 10, FTW_PHYS | FTW_DEPTH));
  SHOW(nftw("absent", note, 10, 0));
}

CASE(users) {
  struct passwd *user = getpwuid(0);
  printf("%s %d %d\n", user->pw_name, (int)user->pw_uid, (int)user->pw_gid);
  user = getpwnam("root");
  NUM(user->pw_uid);
  NUM(getpwnam("no-such-user") == NULL);
  struct group *group = getgrgid(0);
  STR(group->gr_name);
  NUM(getgrnam("no-such-group") == NULL);
}

CASE(assertion) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(2);
    assert(1 == 2);
  }
  reap(pid);
}

CASE(sixty_four_letters) {
  for (long value = 1; value < 1000000; value *= 63) {
    STR(l64a(value));
    NUM(a64l(l64a(value)));
  }
}

static int constructed;
__attribute__((constructor(101))) static void early(void) {
  constructed = constructed * 10 + 1;
}
__attribute__((constructor(102))) static void later(void) {
  constructed = constructed * 10 + 2;
}
__attribute__((destructor)) static void at_end(void) {
  if (constructed == 99) printf("destructor\n");
}
CASE(constructors) {
  NUM(constructed);
  constructed = 99;
}

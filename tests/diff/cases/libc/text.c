// Strings, character classes, multibyte text, regular expressions, patterns.
#include <ctype.h>
#include <fnmatch.h>
#include <glob.h>
#include <iconv.h>
#include <langinfo.h>
#include <libgen.h>
#include <locale.h>
#include <regex.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>
#include "../../harness.h"

static int sign(int value) {
  return (value > 0) - (value < 0);
}

CASE(string_functions) {
  char text[64] = "hello";
  printf("%zu %zu\n", strlen(text), strnlen(text, 3));
  STR(strcat(text, " world"));
  STR(strncat(text, "!!!", 1));
  printf("%d %d %d\n", sign(strcmp("a", "b")), sign(strncmp("abc", "abd", 2)), sign(strcasecmp("HeLLo", "hello")));
  printf("%s %s %s\n", strchr(text, 'o'), strrchr(text, 'o'), strstr(text, "wor"));
  printf("%zu %zu %s\n", strspn("aabbc", "ab"), strcspn("xyz,1", ","), strpbrk("key=1", "=:"));
  char list[] = "a,b,,c", *save, *part;
  for (part = strtok_r(list, ",", &save); part; part = strtok_r(NULL, ",", &save)) printf("[%s]", part);
  char again[] = "a,b,,c", *rest = again;
  while ((part = strsep(&rest, ","))) printf("<%s>", part);
  printf("\n");
  char buffer[8];
  memset(buffer, 'x', sizeof buffer);
  strncpy(buffer, "ab", 4);
  printf("%d %d\n", buffer[3], buffer[4]);
  printf("%s\n", stpcpy(buffer, "end") - 3);
  memmove(buffer + 1, buffer, 4);
  STR(buffer);
  printf("%d %d\n", memchr("abc", 'z', 3) == NULL, sign(memcmp("a\0b", "a\0c", 3)));
  printf("%s %s\n", (char *)memmem("needle in hay", 13, "in", 2), strcasestr("HayStack", "stack"));
  printf("%d %d\n", sign(strverscmp("file9", "file10")), ffs(40));
}

CASE(character_classes) {
  static int (*const tests[])(int) = {isalpha, isdigit, isalnum, isspace, isupper, islower, ispunct, isprint, iscntrl, isxdigit, isgraph, isblank};
  for (size_t i = 0; i < COUNT(tests); i++) {
    int count = 0, sum = 0;
    for (int c = 0; c < 128; c++)
      if (tests[i](c)) count++, sum += c;
    printf("%d %d\n", count, sum);
  }
  printf("%c%c %d\n", toupper('q'), tolower('Q'), toupper('1'));
}

CASE(paths) {
  static const char *paths[] = {"/usr/lib", "/usr/", "usr", "/", ".", "..", "", "a//b//"};
  for (size_t i = 0; i < COUNT(paths); i++) {
    char one[32], two[32];
    strcpy(one, paths[i]);
    strcpy(two, paths[i]);
    printf("[%s] [%s] [%s]\n", paths[i], dirname(one), basename(two));
  }
}

static void match(const char *pattern, const char *text, int flags) {
  regex_t compiled;
  regmatch_t at[4];
  int error = regcomp(&compiled, pattern, flags);
  if (error) {
    printf("/%s/: does not compile\n", pattern);
    return;
  }
  error = regexec(&compiled, text, 4, at, 0);
  printf("/%s/ [%s]:", pattern, text);
  if (error) printf(" no match");
  for (int i = 0; !error && i < 4 && i <= (int)compiled.re_nsub; i++) printf(" %d-%d", (int)at[i].rm_so, (int)at[i].rm_eo);
  printf("\n");
  regfree(&compiled);
}
CASE(regular_expressions) {
  match("a*b", "aaab", REG_EXTENDED);
  match("^(ab|cd)+$", "abcdab", REG_EXTENDED);
  match("([0-9]+)-([0-9]+)", "tel 12-345", REG_EXTENDED);
  match("x{2,3}", "axxxxb", REG_EXTENDED);
  match("[[:alpha:]]+", "12abc3", REG_EXTENDED);
  match("[^a-c]", "abcd", REG_EXTENDED);
  match("HELLO", "say hello", REG_EXTENDED | REG_ICASE);
  match("a.c", "a\nc", REG_EXTENDED);
  match("a.c", "a\nc", REG_EXTENDED | REG_NEWLINE);
  match("^b", "a\nb", REG_EXTENDED | REG_NEWLINE);
  match("\\(a\\)\\1", "xaay", 0);
  match("a\\{2\\}", "aaa", 0);
  match("a+b", "a+b", 0);
  match("(a|ab)(c|bcd)", "abcd", REG_EXTENDED);
  match("(", "x", REG_EXTENDED);
  match("[a", "x", REG_EXTENDED);
  match("x|y|", "zzz", REG_EXTENDED);
  match("", "abc", REG_EXTENDED);
}

CASE(file_patterns) {
  static const struct {
    const char *pattern, *text;
    int flags;
  } tries[] = {{"*.c", "x.c", 0},        {"*.c", ".c", FNM_PERIOD}, {"*", "a/b", 0},          {"*", "a/b", FNM_PATHNAME},
               {"[a-c]?", "bz", 0},      {"[!a]", "a", 0},          {"\\*", "*", 0},          {"\\*", "\\x", FNM_NOESCAPE},
               {"A", "a", FNM_CASEFOLD}, {"a*b*c", "aXbYc", 0},     {"[[:digit:]]", "5", 0},  {"", "", 0},
               {"*a", "ba", 0},          {"a/*", "a/.b", FNM_PATHNAME | FNM_PERIOD}};
  for (size_t i = 0; i < COUNT(tries); i++)
    printf("%s %s %d\n", tries[i].pattern, tries[i].text, fnmatch(tries[i].pattern, tries[i].text, tries[i].flags));
}

CASE(glob_files) {
  MUST(mkdir("d", 0755));
  for (const char *name = "abc"; *name; name++) put((char[]){*name, '.', 'x', 0}, "");
  put("d/inner.x", "");
  put(".hidden.x", "");
  static const char *patterns[] = {"*.x", "?.x", "d/*", "*/inner.*", "[ab].x", "none*", ".*.x", "*"};
  for (size_t i = 0; i < COUNT(patterns); i++) {
    glob_t found;
    int error = glob(patterns[i], 0, NULL, &found);
    printf("%s: %s", patterns[i], error == GLOB_NOMATCH ? "no match" : "");
    for (size_t j = 0; !error && j < found.gl_pathc; j++) printf(" %s", found.gl_pathv[j]);
    printf("\n");
    if (!error) globfree(&found);
  }
  glob_t found;
  MUST(glob("none*", GLOB_NOCHECK, NULL, &found));
  STR(found.gl_pathv[0]);
  MUST(glob("d", GLOB_MARK, NULL, &found));
  STR(found.gl_pathv[0]);
}

CASE(utf8) {
  NUM(setlocale(LC_ALL, "C.UTF-8") != NULL);
  STR(nl_langinfo(CODESET));
  NUM(MB_CUR_MAX >= 4);
  static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  mbstate_t state = {0};
  const char *at = text;
  wchar_t wide;
  size_t used;
  while ((used = mbrtowc(&wide, at, strlen(at) + 1, &state)) > 0 && used < (size_t)-2) {
    printf("%zu:%lx ", used, (long)wide);
    at += used;
  }
  printf("\n");
  wchar_t words[16];
  NUM(mbstowcs(words, text, 16));
  char back[32];
  NUM(wcstombs(back, words, sizeof back));
  NUM(strcmp(back, text));
  printf("%ls %zu\n", words, wcslen(words));
  memset(&state, 0, sizeof state);
  NUM(mbrtowc(&wide, "\xff", 1, &state) == (size_t)-1);
  STR(errname(errno));
  memset(&state, 0, sizeof state);
  NUM(mbrtowc(&wide, "\xe2\x82", 2, &state) == (size_t)-2);
  printf("%d %d %lx\n", iswalpha(0xe9) != 0, iswupper(0xc9) != 0, (long)towupper(0xe9));
  printf("%d %d\n", wcwidth(0x4e2d), wcwidth(L'a'));
}

static void convert(const char *to, const char *from, const char *text, size_t length) {
  iconv_t conversion = iconv_open(to, from);
  if (conversion == (iconv_t)-1) {
    printf("%s to %s: %s\n", from, to, errname(errno));
    return;
  }
  char out[64], *in_at = (char *)text, *out_at = out;
  size_t in_left = length, out_left = sizeof out;
  errno = 0;
  size_t got = iconv(conversion, &in_at, &in_left, &out_at, &out_left);
  printf("%s to %s: %s left %zu:", from, to, got == (size_t)-1 ? errname(errno) : "ok", in_left);
  for (char *byte = out; byte < out_at; byte++) printf(" %02x", (unsigned char)*byte);
  printf("\n");
  iconv_close(conversion);
}
CASE(character_sets) {
  convert("UTF-16LE", "UTF-8", "a\xc3\xa9\xf0\x9f\x98\x80", 7);
  convert("UTF-16BE", "UTF-8", "a\xe2\x82\xac", 4);
  convert("UTF-8", "UTF-16LE", "a\0\xe9\0", 4);
  convert("UTF-8", "UTF-32BE", "\0\0\0a\0\0\x20\xac", 8);
  convert("UTF-8", "UTF-8", "ok\xff", 3);
  convert("UTF-8", "no-such-set", "", 0);
}

CASE(c_locale) {
  STR(setlocale(LC_ALL, NULL));
  struct lconv *conventions = localeconv();
  printf("[%s] [%s] [%s]\n", conventions->decimal_point, conventions->thousands_sep, conventions->currency_symbol);
  printf("%s %s\n", nl_langinfo(DAY_1), nl_langinfo(MON_12));
  printf("%d\n", sign(strcoll("a", "B")));
  char out[16];
  NUM(strxfrm(out, "abc", sizeof out));
}

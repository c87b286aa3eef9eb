// printf(3) and scanf(3), where the C standard leaves no choice.
#include <inttypes.h>
#include <stddef.h>
#include <wchar.h>
#include "../../harness.h"

CASE(integers) {
  printf("[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%.3d] [%8.3d] [%-8.3d]\n", 42, 42, 42, 42, 42, 42, 42, 42, 42);
  printf("[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%.3d] [%.0d]\n", -42, -42, -42, -42, -42, -42, -42, 0);
  printf("[%x] [%X] [%#x] [%o] [%#o] [%u] [%#010x] [%#x]\n", 48879, 48879, 48879, 8, 8, 4000000000U, 255, 0);
  printf("[%hhd] [%hd] [%ld] [%lld] [%jd] [%td]\n", 300, 70000, 1234567890123L, -1234567890123456789LL, (intmax_t)5,
         (ptrdiff_t)-6);
  printf("[%lld] [%llu] [%llx]\n", LLONG_MIN, ULLONG_MAX, ULLONG_MAX);
  printf("[%*d] [%-*d] [%.*d] [%*d]\n", 6, 1, 6, 2, 4, 3, -6, 4);
  printf("[%2$d %1$d %2$d]\n", 1, 2);
}

CASE(floats) {
  static const double values[] = {0.0, 1.0, -1.5, 3.14159265358979, 1e10, 1e-10, 123456789.0, 1e100, 2.5, 0.1, 1e21};
  for (size_t i = 0; i < COUNT(values); i++)
    printf("[%f] [%e] [%g] [%.0f] [%.10g] [%10.3f] [%-12.2e] [%+.1f] [%#.0f] [%G]\n", values[i], values[i], values[i],
           values[i], values[i], values[i], values[i], values[i], values[i], values[i]);
  printf("[%f] [%F] [%5.1f] [%e] [%g] [%010f]\n", 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0 > 0 ? 1.0 : 2.0, 1.0 / 0.0, -0.0,
         1.0 / 0.0);
  printf("[%a] [%A] [%a] [%.2a]\n", 1.0, 0.5, 0.0, 3.999);
  printf("[%.20f] [%.17g] [%.40f]\n", 0.1, 0.1, 1.0 / 3.0);
  printf("[%.0f] [%.0f] [%.0f] [%.0f] [%.1f] [%.1f]\n", 0.5, 1.5, 2.5, 3.5, 0.25, 0.35);
  printf("[%f] [%g] [%e]\n", 5e-324, 5e-324, 1.7976931348623157e308);
}

CASE(strings) {
  printf("[%s] [%10s] [%-10s] [%.2s] [%10.2s] [%c] [%5c] [%%]\n", "text", "text", "text", "text", "text", 'x', 'y');
  printf("[%s] [%.0s] [%*s] [%-*s|]\n", "", "gone", 5, "ab", 5, "cd");
  printf("[%ls] [%lc] [%S]\n", L"wide", (wint_t)L'w', L"too");
  char buffer[8];
  NUM(snprintf(buffer, sizeof buffer, "%s", "longer than eight"));
  STR(buffer);
  NUM(snprintf(NULL, 0, "%d bytes", 12345));
  int at = 0;
  printf("abc%ndef", &at);
  printf(" %d\n", at);
  NUM(sprintf(buffer, "%d", 1234));
}

CASE(scan_numbers) {
  int a = -1, b = -1, c = -1, n = -1;
  unsigned u = 0;
  NUM(sscanf("12 -34 0x1f", "%d %d %i", &a, &b, &c));
  printf("%d %d %d\n", a, b, c);
  NUM(sscanf("077 99", "%i %u%n", &a, &u, &n));
  printf("%d %u %d\n", a, u, n);
  NUM(sscanf("12345", "%2d%3d", &a, &b));
  printf("%d %d\n", a, b);
  NUM(sscanf("7 skip 8", "%d %*s %d", &a, &b));
  printf("%d %d\n", a, b);
  NUM(sscanf("x", "%d", &a));
  NUM(sscanf("", "%d", &a));
  double d = 0, e = 0;
  float f = 0;
  NUM(sscanf("1.5 -2e3 0x1p4", "%lf %f %lf", &d, &f, &e));
  printf("%g %g %g\n", d, f, e);
  NUM(sscanf("inf nan", "%lf %lf", &d, &e));
  printf("%d %d\n", d > 1e308, e != e);
  long long big = 0;
  short small = 0;
  NUM(sscanf("123456789012345 70000", "%lld %hd", &big, &small));
  printf("%lld %d\n", big, small);
}

CASE(scan_strings) {
  char a[16], b[16], c = '?';
  NUM(sscanf("  hello world", "%s %5s", a, b));
  printf("[%s] [%s]\n", a, b);
  NUM(sscanf("abc123", "%[a-z]%[0-9]", a, b));
  printf("[%s] [%s]\n", a, b);
  NUM(sscanf("key=value;", "%[^=]=%[^;]", a, b));
  printf("[%s] [%s]\n", a, b);
  NUM(sscanf(" x", "%c", &c));
  printf("[%c]\n", c);
  NUM(sscanf(" x", " %c", &c));
  printf("[%c]\n", c);
  NUM(sscanf("12:34", "%2[0-9]:%2[0-9]", a, b));
  printf("[%s] [%s]\n", a, b);
  NUM(sscanf("50% off", "%d%% %s", &(int){0}, a));
  printf("[%s]\n", a);
  char *allocated = NULL;
  NUM(sscanf("memory", "%ms", &allocated));
  printf("[%s]\n", allocated);
  NUM(sscanf("a]b", "%[]a]%s", a, b));
  printf("[%s] [%s]\n", a, b);
}

CASE(to_descriptor_and_memory) {
  dprintf(1, "by dprintf %d\n", 1);
  char *text = NULL;
  NUM(asprintf(&text, "%s-%d", "allocated", 2));
  STR(text);
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  fprintf(memory, "one %d", 1);
  fflush(memory);
  printf("%s %zu\n", text, size);
  fputs(" two", memory);
  fclose(memory);
  printf("%s %zu\n", text, size);
  char fixed[16] = "";
  memory = fmemopen(fixed, sizeof fixed, "w");
  fprintf(memory, "%d,%d", 3, 4);
  fclose(memory);
  STR(fixed);
}

// strtol, strtod and relatives; div, abs; sorting and searching; random numbers with fixed algorithms.
#include <inttypes.h>
#include <math.h>
#include "../../harness.h"

CASE(string_to_integer) {
  static const struct {
    const char *text;
    int base;
  } inputs[] = {{"42", 10},   {"  -17x", 10},  {"0x1F", 0},  {"0x1F", 16}, {"017", 0},    {"z", 36},  {"", 10},
                {"  ", 10},   {"+5", 10},      {"0x", 0},    {"08", 0},    {"1010", 2},   {"--5", 10}, {"9223372036854775807", 10},
                {"9223372036854775808", 10}, {"-9223372036854775809", 10}, {"12", 1}, {"0b11", 10}};
  for (size_t i = 0; i < COUNT(inputs); i++) {
    char *end = NULL;
    errno = 0;
    long long value = strtoll(inputs[i].text, &end, inputs[i].base);
    printf("[%s] base %d: %lld %s", inputs[i].text, inputs[i].base, value, errno == ERANGE ? "ERANGE" : "");
    if (inputs[i].base != 1) printf(" rest [%s]", end);
    printf("\n");
  }
  errno = 0;
  printf("%llu\n", strtoull("-1", NULL, 10));
  printf("%llu ", strtoull("18446744073709551616", NULL, 10));
  printf("%s\n", errname(errno));
  printf("%d %ld\n", atoi("123abc"), atol("-9"));
}

CASE(string_to_double) {
  static const char *texts[] = {"1",     "1.5",   "-2.25e3", "1e400", "1e-400", "0x1.8p1", "inf",  "-INFINITY", "nan",
                                ".5",    "5.",    ".",       "1e",    "1e+",    "  7.5x",  "0x",   "123456789012345678901234567890",
                                "0.1",   "4.9406564584124654e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "1.7976931348623159e308",
                                "179769313486231580793728971405301e276", "9007199254740993", "0.50000000000000011"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    char *end;
    errno = 0;
    double value = strtod(texts[i], &end);
    if (value != value)
      printf("[%s]: nan rest [%s]\n", texts[i], end);
    else
      printf("[%s]: %.17g rest [%s] %s\n", texts[i], value, end, errno == ERANGE && value > 1 ? "ERANGE" : "");
  }
  printf("%.9g %.9g\n", strtof("3.4028236e38", NULL), strtof("1.17549429e-38", NULL));
}

CASE(division_and_absolute) {
  div_t d = div(-7, 2);
  printf("%d %d\n", d.quot, d.rem);
  lldiv_t l = lldiv(-7000000000LL, 3);
  printf("%lld %lld\n", l.quot, l.rem);
  printf("%d %lld %jd\n", abs(-5), llabs(-5000000000LL), imaxabs(-6));
}

static int ascending(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}
CASE(sorting) {
  int numbers[1000];
  unsigned seed = 12345;
  for (int i = 0; i < 1000; i++) numbers[i] = (int)((seed = seed * 1103515245 + 12345) >> 16 & 0xfff);
  qsort(numbers, 1000, sizeof numbers[0], ascending);
  int ordered = 1;
  long sum = 0;
  for (int i = 0; i < 1000; i++) {
    sum += numbers[i] * (i % 7);
    if (i && numbers[i - 1] > numbers[i]) ordered = 0;
  }
  printf("%d %ld\n", ordered, sum);
  int key = numbers[500], absent = 5000;
  int *found = bsearch(&key, numbers, 1000, sizeof numbers[0], ascending);
  printf("%d %d\n", *found == key, bsearch(&absent, numbers, 1000, sizeof numbers[0], ascending) == NULL);
  qsort(numbers, 0, sizeof numbers[0], ascending);
}

// The 48-bit generator is fixed by POSIX.
CASE(random_48) {
  srand48(1);
  for (int i = 0; i < 4; i++) {
    NUM(lrand48());
    printf("%.10f\n", drand48());
    NUM(mrand48());
  }
  unsigned short state[3] = {1, 2, 3};
  NUM(nrand48(state));
  NUM(jrand48(state));
  srand(7);
  int a = rand(), b = rand();
  srand(7);
  NUM(rand() == a);
  NUM(rand() == b);
}

CASE(mathematics) {
  static const double values[] = {0.0, 0.5, 1.0, 2.0, 10.0, -1.5, 100.25, 1e-8};
  for (size_t i = 0; i < COUNT(values); i++) {
    double x = values[i];
    printf("%g: %.12g %.12g %.12g %.12g %.12g %.12g\n", x, sin(x), cos(x), exp(x / 10), atan(x), sqrt(fabs(x)), cbrt(x));
    printf("   %g %g %g %g %g %g %ld\n", floor(x), ceil(x), round(x), trunc(x), rint(x), fmod(x, 0.7), lround(x));
  }
  printf("%.12g %.12g %.12g %.12g\n", pow(2, 0.5), log(10), log2(8), log10(1000));
  printf("%g %g %g %g\n", hypot(3, 4), atan2(1, -1), fmax(1, 2), copysign(3, -0.0));
  int exponent;
  double whole, fraction = frexp(48.0, &exponent), part = modf(3.25, &whole);
  printf("%g %d %g %g %g\n", fraction, exponent, ldexp(0.75, 4), part, whole);
  printf("%d %d %d %d\n", isnan(NAN) != 0, isinf(-INFINITY) != 0, signbit(-0.0) != 0, fpclassify(1e-310) == FP_SUBNORMAL);
  printf("%.15g %.15g %.15g\n", tgamma(5.5), lgamma(10.5), erf(0.5));
  printf("%.17g %.17g\n", fma(0.1, 10, -1), nextafter(1, 2));
}

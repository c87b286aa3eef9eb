/* flags: -O0 */
/* A program of about 1 MB of code, none of which runs: optimising it would take half a minute. */
#include <stdio.h>

#define MIX(n, s) \
	x = (x ^ (x >> (s))) * (2654435761u + (n)); \
	x += y[(x + (n)) & 15] / ((x & 7) + 1); \
	y[x & 15] ^= x << ((s) & 7);
#define FUNCTION(n) \
	static unsigned f##n(unsigned x, unsigned *y) \
	{ \
		MIX(n, 3) MIX(n, 5) MIX(n, 7) MIX(n, 11) MIX(n, 13) MIX(n, 17) MIX(n, 19) MIX(n, 23) \
		return x; \
	}
#define TEN(of, n) of(n##0) of(n##1) of(n##2) of(n##3) of(n##4) of(n##5) of(n##6) of(n##7) of(n##8) of(n##9)
#define HUNDRED(of, n) \
	TEN(of, n##0) TEN(of, n##1) TEN(of, n##2) TEN(of, n##3) TEN(of, n##4) \
	TEN(of, n##5) TEN(of, n##6) TEN(of, n##7) TEN(of, n##8) TEN(of, n##9)
#define ALL(of) HUNDRED(of, 1) HUNDRED(of, 2) HUNDRED(of, 3) HUNDRED(of, 4) HUNDRED(of, 5) HUNDRED(of, 6) HUNDRED(of, 7) \
	HUNDRED(of, 8) HUNDRED(of, 9) HUNDRED(of, 10)
#define NAME(n) f##n,

ALL(FUNCTION)
static unsigned (*const functions[])(unsigned, unsigned *) = {ALL(NAME)};

int main(int argc, char **argv)
{
	unsigned table[16] = {0}, x = 0;
	for (int i = 1; i < argc; i++) x = functions[argv[i][0] * 5 % (sizeof functions / sizeof *functions)](x, table);
	if (argc > 1) printf("%u\n", x);
	return 0;
}

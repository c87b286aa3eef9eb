/* Bound by memory: a stream over 16 MB, and a walk through them in no order. */
#include <stdint.h>
#include "../rows/bench.h"
#include "start.h"

enum { WORDS = 4 << 20, STEPS = 1 << 18 };

static uint32_t *words;

static void setup(char **arguments)
{
	if (arguments[0]) start_other(arguments[0]);
	words = touched(WORDS * sizeof *words);
	for (uint32_t i = 0; i < WORDS; i++) words[i] = (i * 1664525u + 1013904223u) % WORDS;
}

static void run(long count)
{
	while (count--) {
		uint32_t sum = 0, at = 0;
		for (uint32_t i = 0; i < WORDS; i++) sum += words[i] ^ i;
		for (int i = 0; i < STEPS; i++) at = words[at];
		if (sum == at) fail("%u", sum);
	}
}

/* A small program: with what it takes from the C library it has about 30 KB. It prints its arguments and ends. */
#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) printf("%d %s\n", i, argv[i]);
	return 0;
}

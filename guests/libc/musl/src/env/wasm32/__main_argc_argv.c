/* Neither `main(void)` nor `main(int, char **)`: the one with the environment as third parameter keeps its name. */

extern char **__environ;

int main(int, char **, char **);

int __main_argc_argv(int argc, char **argv)
{
	return main(argc, argv, __environ);
}

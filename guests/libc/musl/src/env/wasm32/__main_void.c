/* The compiler gives `main` a name by its parameters. crt1.o calls __main_void, which is `main(void)`. */

extern int __main_argc;
extern char **__main_argv;

int __main_argc_argv(int, char **);

int __main_void(void)
{
	return __main_argc_argv(__main_argc, __main_argv);
}

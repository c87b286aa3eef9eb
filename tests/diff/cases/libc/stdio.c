// Streams: modes, positions, buffering, pushing back.
#include "../../harness.h"

CASE(modes) {
  static const char *modes[] = {"r", "w", "a", "r+", "w+", "a+", "rb", "wx", "z"};
  for (size_t i = 0; i < COUNT(modes); i++) {
    put("file", "content");
    FILE *file = fopen("file", modes[i]);
    printf("%s: %s", modes[i], file ? "" : errname(errno));
    if (file) {
      printf("flags %o, ", fcntl(fileno(file), F_GETFL) & (O_ACCMODE | O_APPEND));
      int c = fgetc(file);
      printf("read %d, ", c);
      fseek(file, 0, SEEK_CUR);
      printf("write %d, ", fputc('X', file));
      fclose(file);
      printf("[%s]", get("file"));
    }
    printf("\n");
  }
  NUM(fopen("absent", "r") == NULL);
  STR(errname(errno));
  NUM(fopen("file", "wx") == NULL);
  STR(errname(errno));
}

CASE(positions) {
  FILE *file = fopen("file", "w+");
  fputs("0123456789", file);
  NUM(ftell(file));
  SHOW(fseek(file, -3, SEEK_END));
  NUM(fgetc(file));
  SHOW(fseek(file, 2, SEEK_SET));
  fputc('x', file);
  NUM(ftell(file));
  SHOW(fseek(file, 0, SEEK_CUR));
  NUM(fgetc(file));
  rewind(file);
  char text[16] = "";
  NUM(fread(text, 1, 15, file));
  STR(text);
  printf("%d %d\n", feof(file) != 0, ferror(file));
  fpos_t at;
  SHOW(fseek(file, 5, SEEK_SET));
  SHOW(feof(file) != 0);
  SHOW(fgetpos(file, &at));
  fgetc(file);
  SHOW(fsetpos(file, &at));
  NUM(fgetc(file));
  SHOW(fseek(file, -100, SEEK_CUR));
  fclose(file);
}

CASE(push_back) {
  put("file", "abc");
  FILE *file = fopen("file", "r");
  NUM(ungetc('z', file));
  NUM(fgetc(file));
  NUM(fgetc(file));
  NUM(ungetc('Q', file));
  NUM(ftell(file));
  char text[8] = "";
  fgets(text, sizeof text, file);
  STR(text);
  NUM(fgetc(file));
  NUM(ungetc('e', file));
  NUM(feof(file) != 0);
  NUM(fgetc(file));
  NUM(ungetc(EOF, file));
  fclose(file);
}

CASE(line_reading) {
  put("file", "short\na much longer line than the buffer\nlast without newline");
  FILE *file = fopen("file", "r");
  char text[12];
  while (fgets(text, sizeof text, file)) printf("[%s]", text);
  printf("\n");
  rewind(file);
  char *line = NULL;
  size_t size = 0;
  ssize_t got;
  while ((got = getline(&line, &size, file)) != -1) printf("%ld ", (long)got);
  printf("%d\n", feof(file) != 0);
  rewind(file);
  got = getdelim(&line, &size, 'm', file);
  printf("%ld [%s]\n", (long)got, line);
  free(line);
  fclose(file);
}

CASE(buffering) {
  static const int kinds[] = {_IONBF, _IOLBF, _IOFBF};
  for (int i = 0; i < 3; i++) {
    static char buffer[1024];
    FILE *file = fopen("file", "w");
    SHOW(setvbuf(file, buffer, kinds[i], sizeof buffer));
    fputs("a\n", file);
    printf("[%s] ", get("file"));
    fputs("b", file);
    printf("[%s] ", get("file"));
    fflush(file);
    printf("[%s]\n", get("file"));
    fclose(file);
  }
}

CASE(reopen) {
  FILE *file = fopen("one", "w");
  fputs("1", file);
  file = freopen("two", "w", file);
  fputs("2", file);
  fclose(file);
  STR(get("one"));
  STR(get("two"));
  int copy = dup(1);
  freopen("three", "w", stdout);
  printf("to the file");
  fflush(stdout);
  dup2(copy, 1);
  freopen("/dev/fd/1", "w", stdout);
  dprintf(copy, "%s\n", get("three"));
}

CASE(errors) {
  put("file", "content");
  FILE *file = fopen("file", "r");
  NUM(fputc('x', file));
  NUM(ferror(file) != 0);
  clearerr(file);
  NUM(ferror(file));
  fclose(file);
  file = fopen("/dev/full", "w");
  setvbuf(file, NULL, _IONBF, 0);
  NUM(fputs("x", file));
  STR(errname(errno));
  fclose(file);
}

CASE(blocks) {
  struct record {
    int number;
    char name[12];
  } out[3] = {{1, "one"}, {2, "two"}, {3, "three"}}, in[5];
  FILE *file = fopen("file", "w+");
  NUM(fwrite(out, sizeof out[0], 3, file));
  rewind(file);
  NUM(fread(in, sizeof in[0], 5, file));
  printf("%d %s %d\n", in[2].number, in[1].name, feof(file) != 0);
  NUM(fread(in, 0, 5, file));
  fclose(file);
}

CASE(temporary_files) {
  FILE *file = tmpfile();
  fputs("temporary", file);
  rewind(file);
  char text[16] = "";
  fgets(text, sizeof text, file);
  STR(text);
  fclose(file);
  char template[] = "file-XXXXXX";
  int fd = (int)MUST(mkstemp(template));
  struct stat st;
  MUST(fstat(fd, &st));
  printf("%o %d %d\n", st.st_mode & 07777, strncmp(template, "file-", 5), strcmp(template, "file-XXXXXX") != 0);
  char directory[] = "dir-XXXXXX";
  NUM(mkdtemp(directory) == directory);
  MUST(stat(directory, &st));
  printf("%o\n", st.st_mode);
  char bad[] = "no-template";
  SHOW(mkstemp(bad));
}

// Calendar time: gmtime, mktime, strftime, strptime; TZ.
#include "../../harness.h"

static void print(const struct tm *t) {
  printf("%d-%02d-%02d %02d:%02d:%02d wday %d yday %d dst %d\n", t->tm_year + 1900, t->tm_mon + 1, t->tm_mday, t->tm_hour,
         t->tm_min, t->tm_sec, t->tm_wday, t->tm_yday, t->tm_isdst);
}

CASE(utc) {
  static const time_t times[] = {0,          1,          86399,      951782400,   1582934400,      1709164800,
                                 4102444800, -1,         -86401,     253402300799, -62135596800,   2147483648};
  for (size_t i = 0; i < COUNT(times); i++) {
    struct tm t;
    gmtime_r(&times[i], &t);
    print(&t);
    NUM(timegm(&t) == times[i]);
  }
}

CASE(normalise) {
  static const struct tm inputs[] = {{.tm_year = 100, .tm_mon = 14, .tm_mday = 1},
                                     {.tm_year = 124, .tm_mon = 1, .tm_mday = 30},
                                     {.tm_year = 99, .tm_mon = 11, .tm_mday = 31, .tm_hour = 25, .tm_min = 61, .tm_sec = 61},
                                     {.tm_year = 100, .tm_mon = 0, .tm_mday = 0},
                                     {.tm_year = 100, .tm_mon = -1, .tm_mday = -5, .tm_sec = -1}};
  setenv("TZ", "UTC", 1);
  tzset();
  for (size_t i = 0; i < COUNT(inputs); i++) {
    struct tm t = inputs[i];
    printf("%ld ", (long)mktime(&t));
    print(&t);
  }
}

CASE(zones) {
  static const char *zones[] = {"UTC0", "EST5EDT,M3.2.0,M11.1.0", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0530>-5:30"};
  static const time_t times[] = {1700000000, 1720000000, 1710053999, 1710054000};
  for (size_t i = 0; i < COUNT(zones); i++) {
    setenv("TZ", zones[i], 1);
    tzset();
    printf("%s: %ld %s %d\n", zones[i], timezone, tzname[0], daylight != 0);
    for (size_t j = 0; j < COUNT(times); j++) {
      struct tm t;
      localtime_r(&times[j], &t);
      print(&t);
      char text[64];
      strftime(text, sizeof text, "%z %Z", &t);
      STR(text);
      NUM(mktime(&t) == times[j]);
    }
  }
}

CASE(format) {
  time_t when = 1709210096;
  struct tm t;
  gmtime_r(&when, &t);
  static const char *formats[] = {"%Y-%m-%d %H:%M:%S", "%a %A %b %B", "%d %e %j %u %w", "%I %p %M", "%y %C %G %g %V %U %W",
                                  "%D %F %T %R", "%c", "%x %X", "%h %n%t%%", "%s", "%r"};
  for (size_t i = 0; i < COUNT(formats); i++) {
    char text[128];
    size_t length = strftime(text, sizeof text, formats[i], &t);
    printf("%s: %zu [%s]\n", formats[i], length, text);
  }
  char small[4];
  NUM(strftime(small, sizeof small, "%Y", &t));
  char buffer[64];
  printf("%s", asctime_r(&t, buffer));
  printf("%s", ctime_r(&when, buffer));
}

CASE(parse) {
  static const struct {
    const char *text, *format;
  } inputs[] = {{"2024-02-29 12:34:56", "%Y-%m-%d %H:%M:%S"}, {"29 Feb 2024", "%d %b %Y"}, {"Thursday", "%A"},
                {"11:05 PM", "%I:%M %p"},                     {"060", "%j"},             {"24-13-01", "%y-%m-%d"},
                {"10:20", "%R"},                              {"abc", "%Y"}};
  for (size_t i = 0; i < COUNT(inputs); i++) {
    struct tm t;
    memset(&t, 0, sizeof t);
    char *rest = strptime(inputs[i].text, inputs[i].format, &t);
    printf("%s %s: ", inputs[i].text, inputs[i].format);
    if (rest)
      printf("rest [%s] %d %d %d %d %d\n", rest, t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min);
    else
      printf("no\n");
  }
}

CASE(differences) {
  printf("%.1f %.1f\n", difftime(100, 40), difftime(0, 5));
  setenv("TZ", "UTC", 1);
  struct tm a = {.tm_year = 124, .tm_mday = 1}, b = {.tm_year = 125, .tm_mday = 1};
  printf("%.0f\n", difftime(mktime(&b), mktime(&a)) / 86400);
}

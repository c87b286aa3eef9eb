-- Recursive queries, windows, JSON, dates, big sorts that spill, files of its own.
.mode list
.nullvalue NULL
WITH RECURSIVE fib(n, a, b) AS (VALUES (1, 0, 1) UNION ALL SELECT n + 1, b, a + b FROM fib WHERE n < 60) SELECT n, a FROM fib WHERE n % 10 = 0;
WITH RECURSIVE tree(id, parent, path) AS (SELECT 1, 0, '/1' UNION ALL SELECT id * 2 + k, id, path || '/' || (id * 2 + k) FROM tree, (SELECT 0 AS k UNION SELECT 1) WHERE id < 4) SELECT * FROM tree ORDER BY path;
CREATE TABLE n AS WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c WHERE i < 20000) SELECT i, (i * 7919) % 20011 AS v, 'text ' || (i % 100) AS t, i / 3.0 AS r FROM c;
SELECT count(*), sum(v), min(v), max(v), total(r), avg(i) FROM n;
SELECT t, count(*), sum(v) FROM n GROUP BY t ORDER BY 3 DESC LIMIT 3;
SELECT i, v, row_number() OVER w, rank() OVER w, lag(v) OVER (ORDER BY i), sum(v) OVER (ORDER BY i ROWS 2 PRECEDING), ntile(4) OVER (ORDER BY i) FROM n WHERE i <= 6 WINDOW w AS (ORDER BY v) ORDER BY i;
SELECT a.i, b.i FROM n a JOIN n b ON b.v = a.v + 1 WHERE a.i < 5 ORDER BY 1;
CREATE INDEX nv ON n(v); CREATE INDEX nt ON n(t, v);
SELECT i FROM n WHERE v BETWEEN 100 AND 104 ORDER BY v;
SELECT DISTINCT substr(t, 1, 6) FROM n ORDER BY 1 LIMIT 5;
SELECT i FROM n WHERE t GLOB 'text [12]' AND v < 50 ORDER BY i;
SELECT v FROM n EXCEPT SELECT v FROM n WHERE v > 3 ORDER BY 1; SELECT 1 UNION SELECT 2 INTERSECT SELECT 2;
SELECT json_extract('{"a": [1, 2, {"b": "deep"}]}', '$.a[2].b'), json_array(1, 'x', NULL), json_object('k', 2.5), json_valid('{bad'), json('{"a":  1}');
SELECT value, type FROM json_each('[1, "two", null, {"x": 3}]'); SELECT json_group_array(i) FROM n WHERE i < 4;
SELECT date('2024-02-29', '+1 year'), datetime(1709210096, 'unixepoch'), strftime('%j %W %s', '2024-02-29 12:34:56'), julianday('2000-01-01'), time('12:00', '-90 minutes'), date('2024-01-31', 'start of month', '+1 month', '-1 day', 'weekday 0');
SELECT upper('abc'), length('häß'), substr('hello', -3, 2), replace('aXbX', 'X', '-'), trim('  x '), instr('hello', 'l'), hex('AB'), quote(x'00ff'), printf('%05d %.3f %s %x', 42, 3.14159, 'str', 255), typeof(1), typeof(1.5), typeof('x'), typeof(NULL), typeof(x'00'), unicode('€'), char(8364);
SELECT 7 / 2, 7 % 3, 7.0 / 2, 1 / 0, '5' + '6', 'abc' + 1, 9223372036854775807 + 1, -9223372036854775808, 1e308 * 10, 0.1 + 0.2, round(2.5), abs(-3), 5 & 3, 5 | 3, ~5, 1 << 40, 'a' || 1, CAST('12abc' AS INTEGER), 1 = 1.0, '1' = 1, NULL IS NULL, NULL = NULL, 2 BETWEEN 1 AND 3, 'b' IN ('a', 'b'), max(1, 5, 3), coalesce(NULL, 7), nullif(1, 1), iif(1 > 2, 'y', 'n');
SELECT CASE WHEN i % 15 = 0 THEN 'FizzBuzz' WHEN i % 3 = 0 THEN 'Fizz' WHEN i % 5 = 0 THEN 'Buzz' ELSE i END FROM n WHERE i <= 15;
PRAGMA cache_size = 50; PRAGMA temp_store = FILE;
SELECT sum(x) FROM (SELECT v AS x FROM n ORDER BY t || v || r, i LIMIT 1000 OFFSET 10000);
SELECT md FROM (SELECT group_concat(substr(t, 6), '') AS md FROM (SELECT t FROM n ORDER BY v DESC LIMIT 30));
ATTACH 'other.db' AS other; CREATE TABLE other.copy AS SELECT * FROM n WHERE i <= 5000; SELECT count(*), sum(v) FROM other.copy; DETACH other;
.shell ls -1 | sort
UPDATE n SET r = r + v WHERE i % 2 = 0; SELECT total(r) FROM n; DELETE FROM n WHERE i % 3 = 0; SELECT count(*), sum(v) FROM n;
VACUUM; PRAGMA integrity_check; ANALYZE; SELECT count(*) FROM sqlite_stat1;
.once exported.csv
SELECT i, t FROM n WHERE i < 5;
.shell cat exported.csv
.import --csv exported.csv imported
SELECT count(*) FROM imported;
.backup saved.db
.open saved.db
SELECT count(*), sum(v) FROM n; PRAGMA journal_mode = WAL;
PRAGMA journal_mode = DELETE; PRAGMA user_version = 42; PRAGMA user_version;
.output result.txt
SELECT 'into a file';
.output
.shell cat result.txt
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(body);
SELECT count(*) > 10 FROM pragma_function_list;
.read absent.sql
SELECT sqlite_version() = sqlite_version();

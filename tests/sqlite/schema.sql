-- Tables, keys, triggers, views, transactions: what sqlite3 prints on ring3 is what it prints natively.
.bail off
.headers on
.mode column
PRAGMA foreign_keys = ON;
CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born INTEGER CHECK (born > 1000));
CREATE TABLE book(id INTEGER PRIMARY KEY AUTOINCREMENT, author INTEGER REFERENCES author(id) ON DELETE CASCADE, title TEXT, price REAL DEFAULT 9.5);
CREATE INDEX book_title ON book(title COLLATE NOCASE);
INSERT INTO author VALUES (1, 'Le Guin', 1929), (2, 'Lem', 1921), (3, 'Butler', 1947);
INSERT INTO book(author, title, price) VALUES (1, 'The Dispossessed', 12.5), (1, 'The Lathe of Heaven', 8), (2, 'Solaris', 10.25), (2, 'Fiasco', NULL), (3, 'Kindred', 11);
INSERT INTO book(author, title) VALUES (3, 'dawn');
SELECT a.name, count(*) AS books, round(avg(price), 2) AS mean, max(price) AS dearest FROM author a JOIN book b ON b.author = a.id GROUP BY a.id ORDER BY a.name;
SELECT title FROM book WHERE title LIKE 'the%' ORDER BY title DESC;
SELECT title, price FROM book ORDER BY price IS NULL, price, title COLLATE NOCASE LIMIT 4 OFFSET 1;
EXPLAIN QUERY PLAN SELECT * FROM book WHERE title = 'Dawn' COLLATE NOCASE;
INSERT INTO author VALUES (4, 'Lem', 1950);
INSERT INTO author VALUES (5, 'Nobody', 5);
INSERT INTO book(author, title) VALUES (99, 'Orphan');
INSERT INTO author(name) VALUES (NULL);
SELECT no_such_column FROM book;
SELEC 1;
BEGIN;
DELETE FROM author WHERE name = 'Lem';
SELECT count(*) AS during FROM book;
ROLLBACK;
SELECT count(*) AS after FROM book;
BEGIN; UPDATE book SET price = price * 2 WHERE price < 11; SAVEPOINT inner; DELETE FROM book; ROLLBACK TO inner; RELEASE inner; COMMIT;
SELECT title, price FROM book WHERE price > 15 ORDER BY 2;
DELETE FROM author WHERE name = 'Lem';
SELECT count(*), group_concat(title, '|') FROM (SELECT title FROM book ORDER BY id);
CREATE TRIGGER priced AFTER UPDATE OF price ON book BEGIN INSERT INTO changes VALUES (old.id, old.price, new.price); END;
CREATE TABLE changes(book, old, new);
UPDATE book SET price = 1 WHERE title = 'dawn';
SELECT * FROM changes;
CREATE VIEW cheap AS SELECT title FROM book WHERE price < 5;
SELECT * FROM cheap;
INSERT INTO author VALUES (1, 'Le Guin', 1929) ON CONFLICT(id) DO UPDATE SET born = born + 1 RETURNING *;
REPLACE INTO author VALUES (3, 'O. Butler', 1947);
SELECT * FROM author ORDER BY id;
ALTER TABLE author ADD COLUMN country TEXT DEFAULT 'unknown';
ALTER TABLE author RENAME COLUMN born TO year;
SELECT * FROM author ORDER BY id DESC;
.schema author
.tables
.mode csv
SELECT 'a,b', 'quo"te', NULL, 1.0, x'0102';
.mode json
SELECT 1 AS n, 'text' AS t, NULL AS z, 2.5 AS r;
.mode line
SELECT 1 AS first, 'two' AS second;
.mode insert t
SELECT 1, 'it''s', NULL, 2.5;
.mode quote
SELECT 1, 'it''s', NULL, x'ff';
.mode box
SELECT 1 AS a, 'b' AS b;
.mode markdown
SELECT 1 AS a, 'b' AS b;
.dump book
PRAGMA integrity_check;
PRAGMA foreign_key_check;
.exit 3

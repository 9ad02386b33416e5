package adopt

import (
	"context"
	"fmt"
	"testing"
)

// What the triggers cost a client: the same writes on a table of 50 000 rows, adopted and not, in one transaction.
func BenchmarkAdoptedWrite(b *testing.B) {
	const rows = 50_000
	for _, table := range []struct{ name, create string }{
		{"integer", `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, amount REAL, day DATE, note)`},
		{"text", `CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT UNIQUE, amount REAL, day DATE, note)`},
	} {
		for _, write := range []struct{ name, sql string }{
			{"insert", `INSERT INTO t VALUES (1000000 + ?1, 'new ' || ?1, 1.5, '2024-01-02', 'a note of some words')`},
			{"update", `UPDATE t SET amount = amount + 1 WHERE id = 1 + ?1 % 50000`},
			{"replace", `REPLACE INTO t VALUES (1 + ?1 % 50000, 'name ' || (1 + ?1 % 50000), 2.5, '2024-01-02', 'a note of some words')`},
			{"delete and insert, compiled each time", `DELETE FROM t WHERE id = 1 + ?1 % 50000; INSERT INTO t VALUES (1 + ?1 % 50000, 'again ' || ?1, 2.5, '', '')`},
		} {
			for _, adopted := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/%s/adopted=%v", table.name, write.name, adopted), func(b *testing.B) {
					f, done := open(b, b.TempDir()+"/app.db", "journal_mode(WAL)")
					defer done()
					f.do(table.create, fmt.Sprintf(`
						INSERT INTO t
						WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
						SELECT i, 'name ' || i, 1.5, '2024-01-02', 'a note of some words' FROM n`, rows))
					if adopted {
						f.adopt("t")
					}
					f.do(`BEGIN`)
					prepared, err := f.conn.PrepareContext(context.Background(), write.sql)
					if err != nil {
						b.Fatal(err)
					}
					n := 0
					for b.Loop() {
						n++
						if _, err := prepared.Exec(n); err != nil {
							b.Fatal(err)
						}
					}
					prepared.Close()
					f.do(`COMMIT`)
				})
			}
		}
	}
}

// What it takes to read a row out of the log.
func BenchmarkGather(b *testing.B) {
	const rows = 10_000
	f, done := open(b, b.TempDir()+"/app.db", "journal_mode(WAL)")
	defer done()
	f.do(fmt.Sprintf(`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, amount REAL, day DATE, note);
		INSERT INTO t
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT i, 'name ' || i, 1.5, '2024-01-02', 'a note of some words' FROM n`, rows))
	tables := f.adopt("t")
	for b.Loop() {
		b.StopTimer()
		f.do(`UPDATE t SET amount = amount + 1`)
		b.StartTimer()
		if got := len(f.gather(tables)); got != rows {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

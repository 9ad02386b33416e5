//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// storyLines make a database with one conflict in two fields, at the server's version 4.
const storyLines = `{"type":"record","record":"deal/D-1042","version":3,"fields":{"status":"negotiating","owner":"ana","amount":40000}}
{"type":"record","record":"deal/D-1042","version":4,"fields":{"status":"open","owner":"diaz","amount":40000},"by":"diaz"}
{"type":"change","key":"k","record":"deal/D-1042","base_version":3,"local":{"status":"closed","owner":"kim","amount":50000},"local_by":"ana","device":"ana-7"}
`

// database makes a database of lines by the program itself.
func database(t *testing.T, lines string) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "dovetail.db")
	dovetail(t, "--db", db, "init")
	path := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := open(t, 80, 24, "--db", db, "import", path)
	if code := cmd.ends(); code != exitUndecided {
		t.Fatalf("import exits %d:\n%s", code, cmd.text())
	}
	return db
}

func TestTerminalPlayground(t *testing.T) {
	for _, size := range []struct{ columns, rows int }{{120, 36}, {80, 24}, {50, 20}} {
		t.Run(fmt.Sprintf("%dx%d", size.columns, size.rows), func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "deal.db")
			x := open(t, size.columns, size.rows, "play", "deal", "--keep", db)
			x.sees("PLAYGROUND", "deal/D-1042")
			x.types("\r")
			x.sees("status", "1 LEFT")
			x.types("1")
			x.sees("0 LEFT")
			x.types("w")
			x.sees("REVIEW", "v5")
			x.types("s")
			x.sees("written")
			x.types("q")
			if code := x.ends(); code != 0 {
				t.Fatalf("exit code %d:\n%s", code, x.text())
			}
			version, fields := recordOf(t, db, "deal/D-1042")
			if version != 5 || fields["status"] != "closed" || fields["amount"] != 50000.0 || fields["notes"] != "added" {
				t.Errorf("the record is version %d, %v", version, fields)
			}
			if got := headBySQL(t, db); got != `5 {"amount":50000,"notes":"added","status":"closed"}` {
				t.Errorf("by plain SQL the record is %s", got)
			}
		})
	}
}

// headBySQL reads the newest version without any code of ours.
func headBySQL(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var number int64
	var body string
	err = db.QueryRow(`
		SELECT r.head, d.body
		FROM dovetail_record r
		JOIN dovetail_document d ON d.id = r.document
		WHERE r.collection = 'deal' AND r.name = 'D-1042'`).Scan(&number, &body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", number, body)
}

// The draft is on the disk after every action: a process that is killed in the middle of deciding loses none of it.
func TestTerminalKilled(t *testing.T) {
	db := database(t, storyLines)
	x := open(t, 100, 30, "--db", db, "resolve", "1")
	x.sees("2 LEFT")
	x.types("1")
	x.sees("1 LEFT", "draft saved")
	if err := x.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	x.ends()
	x = open(t, 100, 30, "--db", db)
	x.sees("deal/D-1042", "draft")
	x.types("\r")
	x.sees("1 LEFT")
	x.types("n", "2", "w")
	x.sees("REVIEW")
	x.types("s")
	x.sees("written")
	x.types("q")
	x.ends()
	if version, _ := recordOf(t, db, "deal/D-1042"); version != 5 {
		t.Errorf("the record is at version %d", version)
	}
}

// Of two people who decide the same conflict one writes; the other is told, keeps the draft and goes on from the
// version that is there now.
func TestTerminalTwoPeople(t *testing.T) {
	db := database(t, storyLines)
	kim := open(t, 100, 30, "--db", db, "--as", "kim", "resolve", "1")
	kim.sees("2 LEFT")
	lee := open(t, 100, 30, "--db", db, "--as", "lee", "resolve", "1")
	lee.sees("2 LEFT")
	for _, x := range []*terminal{kim, lee} {
		x.types("1", "n", "1")
		x.sees("0 LEFT")
		x.types("w")
		x.sees("REVIEW")
	}
	kim.types("s")
	kim.sees("written")
	lee.types("s")
	lee.sees("resolved")
	if version, _ := recordOf(t, db, "deal/D-1042"); version != 5 {
		t.Fatalf("the record is at version %d, want kim's 5 alone", version)
	}
	dovetail(t, "--db", db, "undo", "1")
	lee.types("\x1b", "q", "q")
	lee.ends()
	lee = open(t, 100, 30, "--db", db, "--as", "lee", "resolve", "1")
	lee.sees("0 LEFT")
	lee.types("w")
	lee.sees("REVIEW", "v7")
	lee.types("s")
	lee.sees("written")
}

// The record moves while a person decides: what still stands is kept, the other field is marked.
func TestTerminalMoved(t *testing.T) {
	db := database(t, storyLines)
	x := open(t, 100, 30, "--db", db, "resolve", "1")
	x.sees("2 LEFT")
	x.types("1", "n", "1")
	x.sees("0 LEFT")
	x.types("w")
	x.sees("REVIEW")
	dovetail(t, "--db", db, "--as", "diaz", "set", "deal/D-1042", "owner=nobody")
	x.types("s")
	x.sees("1 LEFT", "moved")
	if version, _ := recordOf(t, db, "deal/D-1042"); version != 5 {
		t.Fatalf("the record is at version %d: something was written over diaz", version)
	}
}

// ctrl+c leaves at once with the draft kept; a signal does too. Both are exit code 130.
func TestTerminalInterrupted(t *testing.T) {
	db := database(t, storyLines)
	for _, how := range []struct {
		name string
		do   func(*terminal)
	}{
		{name: "ctrl+c", do: func(x *terminal) { x.types("\x03") }},
		{name: "SIGINT", do: func(x *terminal) { x.cmd.Process.Signal(syscall.SIGINT) }},
		{name: "SIGTERM", do: func(x *terminal) { x.cmd.Process.Signal(syscall.SIGTERM) }},
	} {
		t.Run(how.name, func(t *testing.T) {
			x := open(t, 80, 24, "--db", db, "resolve", "1")
			x.sees("LEFT")
			x.types("1")
			x.sees("1 LEFT")
			how.do(x)
			if code := x.ends(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
		})
	}
	if got := dovetail(t, "--db", db, "show", "--json", "1"); !strings.Contains(got, `"choice":"local"`) {
		t.Errorf("the draft is gone: %s", got)
	}
}

// No command asks the terminal for its colours: one that never answers would hold up the start by seconds.
func TestTerminalAsksNothing(t *testing.T) {
	db := database(t, storyLines)
	for _, args := range [][]string{
		{"--help"}, {"--version"}, {"play", "--list"}, {"play", "--compare"}, {"status"}, {"conflicts"}, {"show", "1"},
		{"diff", "1"}, {"log", "deal/D-1042"}, {"get", "deal/D-1042"}, {"ls", "deal"}, {"export"},
		{"resolve", "1", "--take", "local", "--dry-run"},
	} {
		x := open(t, 80, 24, append([]string{"--db", db}, args...)...)
		if code := x.ends(); code != 0 {
			t.Errorf("%q exits %d:\n%s", args, code, x.text())
		}
		asksNothing(t, x, args...)
	}
	x := open(t, 80, 24, "--db", db)
	x.sees("deal/D-1042")
	x.types("q")
	x.ends()
	asksNothing(t, x, "the queue")
}

func asksNothing(t *testing.T, x *terminal, what ...string) {
	t.Helper()
	for _, query := range []string{"\x1b]10;?", "\x1b]11;?", "\x1b[6n", "\x1b[c", "\x1b[>c"} {
		if strings.Contains(x.written(), query) {
			t.Errorf("%q writes the query %q", what, query)
		}
	}
}

// Whatever a record holds, nothing of it acts on the terminal, on any screen.
func TestTerminalHostile(t *testing.T) {
	db := database(t, `{"type":"record","record":"note/N-1","version":1,"fields":{"text":"plain","same":"\u001b]52;c;c2FtZQ==\u0007"}}
{"type":"record","record":"note/N-1","version":2,"fields":{"text":"x\u009b2J\r","same":"\u001b]52;c;c2FtZQ==\u0007"},"by":"dia\u001b]52;c;eA==\u0007z"}
{"type":"change","key":"k","record":"note/N-1","base_version":1,"local":{"text":"x\u202e","same":"\u001b]52;c;c2FtZQ==\u0007","\u001b]52;c;bmFtZQ==\u0007":"new"},"local_by":"an\u202ea","device":"\u009b31m"}
`)
	for _, size := range []struct{ columns, rows int }{{120, 36}, {80, 24}, {50, 20}} {
		x := open(t, size.columns, size.rows, "--db", db)
		x.sees("note/N-1")
		x.types("\r")
		x.sees("1 LEFT")
		x.types("a", "v")
		x.sees("esc")
		x.types("\x1b")
		x.sees("1 LEFT")
		x.types("1")
		x.sees("0 LEFT")
		x.types("w")
		x.sees("REVIEW")
		x.types("q", "r", "q", "q")
		x.ends()
		for _, bad := range []string{"\x1b]52", "\u202e", "\u009b"} {
			if strings.Contains(x.written(), bad) {
				t.Errorf("%dx%d: %q reached the terminal", size.columns, size.rows, bad)
			}
		}
	}
}

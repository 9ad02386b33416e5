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

// What the last line of each screen says. A frame is drawn from the top: the screen is complete when its foot is there.
const (
	playFoot    = "tab strategy"
	queueFoot   = "/ filter"
	resolveFoot = "w review"
	reviewFoot  = "y write"
	fullFoot    = "esc back"
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
			x := open(t, size.columns, size.rows, "play", "deal", "--no-questions", "--keep", db)
			x.sees("PLAYGROUND deal", "deal/D-1042", "step 3 of 9", playFoot)
			x.press("G", "step 9 of 9", "1 needs you", "enter resolve", playFoot)
			x.press("\r", "PLAYGROUND", "negotiating", "1 LEFT", resolveFoot)
			x.press("1", "Last step: local for status")
			x.press("w", "REVIEW", "nothing written yet", "50000", reviewFoot)
			x.press("s", "PLAYGROUND deal", "step 10 of 10", "written v5", playFoot)
			x.press("q")
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

// The playground alone tells why last-write-wins lost a value, whatever becomes of the window.
func TestTerminalPlaygroundTeaches(t *testing.T) {
	x := open(t, 120, 36, "play", "deal")
	x.sees("so a person decides that", "step 3 of 9", playFoot)
	x.press("\t", "[op-replay]")
	x.press("\t", "[last-write-wins]")
	x.press("G", "WHICH VALUE SURVIVES? amount", "nobody changed it at the server", "step 8 of 9", "esc back")
	x.resize(50, 20)
	x.sees("WHICH VALUE SURVIVES?", "3  neither by itself", "esc back")
	x.press("1", "No: 40000.", "50000 of ana", playFoot)
	x.press("v", "HISTORY", "left out")
	x.press("v", "LOST 50000", "more (pgdn)")
	x.press("\x1b[6~", "asks a person")
	x.press("\x1b[5~", "LOST 50000")
	x.resize(40, 12)
	x.sees("LOST 50000", playFoot)
	x.resize(100, 30)
	x.sees("LOST 50000", playFoot)
	x.press("v", "left out", "LOST closed")
	x.press("b", "step 8 of 9", "b back")
	x.press("g", "step 3 of 9", playFoot)
	x.press("\x03")
	if code := x.ends(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
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
	x.sees("2 LEFT", resolveFoot)
	x.press("1", "Last step: local for owner", "1 LEFT", "draft saved")
	if err := x.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	x.ends()
	x = open(t, 100, 30, "--db", db)
	x.sees("deal/D-1042", "draft", queueFoot)
	x.press("\r", "1 LEFT", "L kim", "status · string", resolveFoot)
	x.press("1", "Last step: local for status")
	x.press("w", "nothing written yet", reviewFoot)
	x.press("s", "written v5")
	if _, fields := recordOf(t, db, "deal/D-1042"); fields["owner"] != "kim" || fields["status"] != "closed" {
		t.Errorf("the record is %v", fields)
	}
}

// decideStatus goes on to the second field of the story and decides it.
func decideStatus(x *terminal) {
	x.t.Helper()
	x.press("n", "status · string")
	x.press("1", "Last step: local for status")
}

// Of two people who decide the same conflict one writes; the other is told, keeps the draft and goes on from the
// version that is there now.
func TestTerminalTwoPeople(t *testing.T) {
	db := database(t, storyLines)
	bothDecide(t, db, func(who string) *terminal { return open(t, 100, 30, "--db", db, "--as", who, "resolve", "1") })
	dovetail(t, "--db", db, "undo", "1")
	lee := open(t, 100, 30, "--db", db, "--as", "lee", "resolve", "1")
	lee.sees("w reviews and writes", "L kim", "L closed", resolveFoot)
	lee.press("w", "nothing written yet", "v6", reviewFoot)
	lee.press("s", "written v7")
}

// bothDecide has kim and lee decide one conflict at once, each in a terminal of their own: kim writes, lee hears of it.
func bothDecide(t *testing.T, db string, terminalOf func(who string) *terminal) {
	t.Helper()
	kim := terminalOf("kim")
	kim.sees("2 LEFT", resolveFoot)
	lee := terminalOf("lee")
	lee.sees("kim is at it", "y take over")
	lee.press("y", resolveFoot)
	for _, x := range []*terminal{kim, lee} {
		x.press("1", "Last step: local for owner")
		decideStatus(x)
		x.press("w", "nothing written yet", reviewFoot)
	}
	kim.press("s", "written v5")
	lee.press("s", "resolved")
	if version, _ := recordOf(t, db, "deal/D-1042"); version != 5 {
		t.Fatalf("the record is at version %d, want kim's 5 alone", version)
	}
	if out := dovetail(t, "--db", db, "log", "--json", "deal/D-1042"); strings.Contains(out, `"lee"`) {
		t.Errorf("lee wrote something: %s", out)
	}
}

// The record moves while a person decides: what still stands is kept, the other field is marked.
func TestTerminalMoved(t *testing.T) {
	db := database(t, storyLines)
	x := open(t, 100, 30, "--db", db, "resolve", "1")
	x.sees("2 LEFT", resolveFoot)
	x.press("1", "Last step: local for owner")
	decideStatus(x)
	x.press("w", "nothing written yet", reviewFoot)
	dovetail(t, "--db", db, "--as", "diaz", "set", "deal/D-1042", "owner=nobody")
	x.press("s", "1 LEFT", "moved", "L closed", resolveFoot)
	if version, _ := recordOf(t, db, "deal/D-1042"); version != 5 {
		t.Fatalf("the record is at version %d: something was written over diaz", version)
	}
	x.press("N", "owner · string")
	x.press("2", "Last step: server for owner")
	x.press("w", "nothing written yet", "v5", reviewFoot)
	x.press("s", "written v6")
	if _, fields := recordOf(t, db, "deal/D-1042"); fields["owner"] != "nobody" || fields["status"] != "closed" {
		t.Errorf("the record is %v", fields)
	}
}

// ctrl+c leaves at once with the draft kept; a signal does too. Both are exit code 130.
func TestTerminalInterrupted(t *testing.T) {
	db := database(t, storyLines)
	for _, how := range []struct {
		name string
		do   func(*terminal)
	}{
		{name: "ctrl+c", do: func(x *terminal) { x.press("\x03") }},
		{name: "SIGINT", do: func(x *terminal) { x.cmd.Process.Signal(syscall.SIGINT) }},
		{name: "SIGTERM", do: func(x *terminal) { x.cmd.Process.Signal(syscall.SIGTERM) }},
	} {
		t.Run(how.name, func(t *testing.T) {
			x := open(t, 80, 24, "--db", db, "resolve", "1")
			x.sees("owner", resolveFoot)
			x.press("1", "Last step: local for owner")
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
	x.sees("deal/D-1042", queueFoot)
	x.press("q")
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
	for _, size := range []struct {
		columns, rows int
		same          string // what the field that nobody changed shows by
	}{
		{columns: 120, rows: 36, same: "that nobody changed"},
		{columns: 80, rows: 24, same: "that nobody changed"},
		{columns: 50, rows: 20, same: "field 1 of 3"},
	} {
		x := open(t, size.columns, size.rows, "--db", db)
		x.sees("note/N-1", queueFoot)
		x.press("\r", "1 LEFT", resolveFoot)
		x.press("a", size.same, resolveFoot)
		x.press("v", "text · note/N-1", fullFoot)
		x.press("\x1b", "1 LEFT", resolveFoot)
		x.press("1", "Last step: local for text")
		x.press("w", "nothing written yet", reviewFoot)
		x.press("q", "Last step: local for text", resolveFoot)
		x.press("r", "1 LEFT")
		x.press("q", "note/N-1", "1 open", queueFoot)
		x.press("q")
		x.ends()
		for _, bad := range []string{"\x1b]52", "\u202e", "\u009b"} {
			if strings.Contains(x.written(), bad) {
				t.Errorf("%dx%d: %q reached the terminal", size.columns, size.rows, bad)
			}
		}
	}
}

// CSV is for programs: what a record holds must not reach a terminal through it.
func TestTerminalGetsNoCSV(t *testing.T) {
	db := filepath.Join(t.TempDir(), "dovetail.db")
	dovetail(t, "--db", db, "init")
	dovetail(t, "--db", db, "set", "deal/D-1", "note=a\x1b]0;title\x07b")
	x := open(t, 80, 24, "--db", db, "export", "--csv", "deal")
	if code := x.ends(); code != exitMisuse {
		t.Errorf("exit code %d, want %d", code, exitMisuse)
	}
	if raw := x.written(); strings.Contains(raw, "\x1b") || !strings.Contains(raw, "-o FILE") {
		t.Errorf("the terminal got %q", raw)
	}
	if out := dovetail(t, "--db", db, "export", "--csv", "deal"); !strings.Contains(out, "\x1b]0;title\x07") {
		t.Errorf("a pipe got %q", out)
	}
}

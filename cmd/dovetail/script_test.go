package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
	"modernc.org/sqlite"
)

// TestMain gives the scripts three commands that run as processes: the program itself, and sqlite3 and curl, so that an
// application database can be looked at, and a hub be asked, where those are not installed.
func TestMain(m *testing.M) {
	testscript.Main(cleaning{m}, map[string]func(){
		"dovetail": scriptedProgram,
		"sqlite3":  func() { os.Exit(sqliteMain(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"curl":     func() { os.Exit(curlMain(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// cleaning removes what tests built for all of them.
type cleaning struct{ *testing.M }

func (m cleaning) Run() int {
	defer removeProgram()
	return m.M.Run()
}

func TestScripts(t *testing.T) { testscript.Run(t, scripts()) }

// scripts are the scripts with the commands that they have.
func scripts() testscript.Params {
	return testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DOVETAIL_USER", "vera")
			env.Setenv("TZ", "UTC")
			env.Values[servingKey{}] = new(servings)
			return copyRecipe(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":     codeCommand,
			"escaped":  escapedCommand,
			"lines":    linesCommand,
			"repeat":   repeatCommand,
			"quoted":   quotedCommand,
			"serve":    serveCommand,
			"served":   servedCommand,
			"fromfile": fromfileCommand,
			"readme":   readmeCommand,
		},
	}
}

// codeCommand runs a command and checks its exit code: code 3 dovetail resolve 1 …
func codeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// escapedCommand checks that a stream or file holds no byte that acts on a terminal, but for line ends.
func escapedCommand(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		if !utf8.ValidString(text) {
			ts.Fatalf("%s holds invalid UTF-8", name)
		}
		at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && actsOnTerminal(r) })
		if (at >= 0) != neg {
			ts.Fatalf("%s: a character that acts on a terminal at %d of %q", name, at, text)
		}
	}
}

// linesCommand checks how many lines a stream or file has: lines stdout 2
func linesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(got) != args[1] {
		ts.Fatalf("%s has %d lines, want %s", args[0], got, args[1])
	}
}

// repeatCommand writes a file out of a text many times over: repeat FILE BEFORE TEXT N AFTER
func repeatCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: repeat FILE BEFORE TEXT N AFTER")
	}
	n, err := strconv.Atoi(args[3])
	ts.Check(err)
	text := args[1] + strings.Repeat(args[2], n) + args[4] + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// quotedCommand writes a file from text with Go's escapes: quoted FILE 'a\xffb'
func quotedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: quoted FILE TEXT")
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// sqliteMain is as much of the sqlite3 shell as the scripts and the README use: sqlite3 FILE [SQL], or SQL from
// standard input; rows come out with | between columns. Like the shell it goes on after an error until told `.bail on`.
func sqliteMain(args []string, in io.Reader, out, errw io.Writer) int {
	if err := runSQLite(args, in, out); err != nil {
		fmt.Fprintln(errw, "sqlite3:", err)
		return 1
	}
	return 0
}

func runSQLite(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("no file given")
	}
	statements := strings.Join(args[1:], " ")
	if len(args) == 1 {
		text, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		statements = string(text)
	}
	sqlite.MustRegisterDeterministicScalarFunction("readfile", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		name, ok := args[0].(string)
		if !ok {
			return nil, errors.New("readfile takes a name")
		}
		content, err := os.ReadFile(filepath.Clean(name))
		return string(content), err
	})
	db, err := sql.Open("sqlite", args[0])
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // temporary tables live on one connection
	return runStatements(db, statements, out)
}

func runStatements(db *sql.DB, text string, out io.Writer) error {
	var failed []error
	bail := false
	for _, statement := range splitSQL(text) {
		if strings.TrimSpace(statement) == ".bail on" {
			bail = true
			continue
		}
		if err := printQuery(db, statement, out); err != nil {
			failed = append(failed, fmt.Errorf("%w in %s", err, statement))
			if bail {
				break
			}
		}
	}
	return errors.Join(failed...)
}

// splitSQL cuts at semicolons that end a line, and after the shell's own words, which begin with a dot: enough for what
// stands here.
func splitSQL(text string) []string {
	var statements []string
	var statement bytes.Buffer
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		statement.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(strings.TrimSpace(lines.Text()), ";") || strings.HasPrefix(statement.String(), ".") {
			statements = append(statements, statement.String())
			statement.Reset()
		}
	}
	if rest := strings.TrimSpace(statement.String()); rest != "" {
		statements = append(statements, rest)
	}
	return statements
}

func printQuery(db *sql.DB, statement string, out io.Writer) error {
	rows, err := db.Query(statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		words := make([]string, len(cells))
		for i, c := range cells {
			words[i] = c.String
		}
		fmt.Fprintln(out, strings.Join(words, "|"))
	}
	return rows.Err()
}

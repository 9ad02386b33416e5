package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"dovetail/store"
	"dovetail/store/serve"
)

// overHTTPVariable has the program serve the database file here to itself, and do over HTTP what can be done so.
const overHTTPVariable = "DOVETAIL_TEST_OVER_HTTP"

// doneOverHTTP are the commands that work on a hub elsewhere.
var doneOverHTTP = []string{"conflicts", "show", "diff", "resolve", "undo", "status", "log", "get", "ls", "set", "rm"}

// TestScriptsOverHTTP runs scripts, which know of a file alone, with a hub in its place: every command that can be used
// there comes to the same.
func TestScriptsOverHTTP(t *testing.T) {
	var files []string
	for _, name := range []string{"bulk", "keep_both", "resolve_draft", "records", "hostile"} {
		files = append(files, filepath.Join("testdata", "script", name+".txtar"))
	}
	p := scripts()
	p.Dir, p.Files = "", files
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv(overHTTPVariable, "1")
		return setup(env)
	}
	testscript.Run(t, p)
}

// scriptedProgram is main, or main over HTTP where a script asks for that.
func scriptedProgram() {
	args := os.Args[1:]
	over := slices.ContainsFunc(args, func(arg string) bool { return slices.Contains(doneOverHTTP, arg) }) &&
		!slices.Contains(args, "schema") && !slices.Contains(args, "--db") && os.Getenv("DOVETAIL_DB") == ""
	if _, err := os.Stat(defaultDatabase); err != nil || !over || os.Getenv(overHTTPVariable) == "" {
		main()
		return
	}
	os.Exit(servedToItself(args))
}

// servedToItself serves the database file here while the program does one command on it. It is open to whoever acts.
func servedToItself(args []string) int {
	a := &app{}
	if i := slices.Index(args, "--as"); i >= 0 && i+1 < len(args) {
		a.as = args[i+1]
	}
	person, err := a.person()
	if err != nil {
		return report(os.Stderr, err)
	}
	hub, err := store.Open(context.Background(), defaultDatabase, a.options())
	if err != nil {
		return report(os.Stderr, err)
	}
	server := httptest.NewServer(serve.New(hub, serve.Options{Open: person}))
	os.Setenv("DOVETAIL_DB", server.URL)
	code := mainCode()
	server.Close()
	if err := hub.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitStore
	}
	return code
}

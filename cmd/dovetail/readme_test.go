package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readme is the page whose commands and queries the scripts run.
const readme = "../../README.md"

// writeReadmeSQL puts the README's two queries where a script finds them, so that what is tested is what is printed.
func writeReadmeSQL(env *testscript.Env) error {
	page, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	blocks := strings.Split(string(page), "```sql\n")
	names := []string{"changes.sql", "apply.sql"}
	if len(blocks) != len(names)+1 {
		return fmt.Errorf("the README has %d blocks of SQL, want %d", len(blocks)-1, len(names))
	}
	for i, name := range names {
		text, _, _ := strings.Cut(blocks[i+1], "```")
		if err := os.WriteFile(env.WorkDir+"/"+name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// readmeCommand checks that the README shows a command as the script is about to run it: readme 'dovetail init'
func readmeCommand(ts *testscript.TestScript, neg bool, args []string) {
	page, err := os.ReadFile(readme)
	ts.Check(err)
	for _, want := range args {
		if strings.Contains(string(page), want) == neg {
			ts.Fatalf("the README and this script differ about %q", want)
		}
	}
}

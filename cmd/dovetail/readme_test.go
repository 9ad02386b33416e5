package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readme is the page whose commands the scripts run, and recipe holds the queries for a backend.
const (
	readme = "../../README.md"
	recipe = "../../fixtures/recipes/stale-writes"
)

// copyRecipe puts the recipe's two queries where a script finds them, so that what is tested is what people read.
func copyRecipe(env *testscript.Env) error {
	for _, name := range []string{"changes.sql", "apply.sql"} {
		text, err := os.ReadFile(filepath.Join(recipe, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), text, 0o600); err != nil {
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

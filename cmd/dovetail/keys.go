package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/tui"
	"dovetail/tui/safe"
)

// maxKeyFile bounds the file of bindings, in bytes.
const maxKeyFile = 1 << 16

func (a *app) keysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "List the keys of every screen, as a file of your own has them",
		Long: `keys lists what every key does, a line each: the screen, the action, its keys. Lines like these in a file of your own
come before ours:

  # screen  action  keys
  resolve   undo    z
  queue     quit    ctrl+x

A key that another action of the screen had is taken from it. h j k l, the arrows, esc, enter and ctrl+c stay what they are.
The file is "keys" in the directory "dovetail" of your configuration: ~/.config on Linux, ~/Library/Application Support on
macOS, %AppData% on Windows.`,
		Example: `  dovetail keys
  dovetail keys | grep ^resolve`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.runKeys() },
	}
}

func (a *app) runKeys() error {
	keys, err := readKeys()
	if err != nil {
		return err
	}
	for _, line := range tui.KeyTable(keys) {
		if a.json {
			object := map[string]any{"screen": line.Screen, "action": line.Action, "keys": line.Keys, "does": line.Help}
			if err := a.writeObject(object); err != nil {
				return err
			}
			continue
		}
		words := fmt.Sprintf("%-8s %-18s %-14s", line.Screen, line.Action, strings.Join(line.Keys, " "))
		if len(line.Keys) == 0 {
			words = "# " + words // with nothing that could be changed it is no line of such a file
		}
		a.print("%s # %s", words, safe.Text(line.Help))
	}
	if path, err := keyFile(); err == nil {
		a.say("your own stand in %s", path)
	}
	return nil
}

// keyFile is where a person's bindings are.
func keyFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "dovetail", "keys"), nil
}

// readKeys reads the person's bindings; none where there is no file. A file with bad lines counts not at all: with half
// of it, a key would do something else than its person thinks.
func readKeys() (tui.Keys, error) {
	path, err := keyFile()
	if err != nil {
		return tui.Keys{}, nil // a process without a home has no file either
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return tui.Keys{}, nil
	case err != nil:
		return tui.Keys{}, misuseError{err}
	case !info.Mode().IsRegular() || info.Size() > maxKeyFile:
		return tui.Keys{}, misuse("%s: it is no file of at most %d bytes", path, maxKeyFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return tui.Keys{}, misuseError{err}
	}
	keys, bad := tui.ParseKeys(strings.TrimPrefix(string(text), byteOrderMark))
	if len(bad) == 0 {
		return keys, nil
	}
	reasons := make([]string, len(bad))
	for i, e := range bad {
		reasons[i] = e.Error()
	}
	return tui.Keys{}, hint(misuse("%s: %s", path, strings.Join(reasons, "; ")), "`dovetail keys --help` shows what a line is")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/adopt"
)

const (
	defaultDatabase = "dovetail.db"
	maxPersonLength = 128
)

// database is the path of the database that this command works on.
func (a *app) database() string {
	for _, path := range []string{a.db, os.Getenv("DOVETAIL_DB")} {
		if path != "" {
			return path
		}
	}
	return defaultDatabase
}

// command is how to call this program again on the same database, for hints.
func (a *app) command(words string) string {
	if a.db == "" {
		return "dovetail " + words
	}
	return "dovetail --db " + shellWord(a.db) + " " + words
}

// call is how this program is called again on the same database by the same person.
func (a *app) call() []string {
	words := []string{"dovetail"}
	if a.db != "" {
		words = append(words, "--db", a.db)
	}
	if a.as != "" {
		words = append(words, "--as", a.as)
	}
	return words
}

// options are those with which any database is opened.
func (a *app) options() store.Options { return store.Options{Adoption: new(adopt.Tables)} }

// open opens the database; the caller closes it.
func (a *app) open(ctx context.Context) (*store.Store, error) {
	path := a.database()
	if isAddress(path) {
		return nil, a.onFileOnly()
	}
	s, err := store.Open(ctx, path, a.options())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint(misuse("there is no database at %s", path), "make one with `dovetail init`, or name one with --db FILE")
	}
	return s, err
}

// onFileOnly refuses what is not done over HTTP.
func (a *app) onFileOnly() error {
	return hint(misuse("%s: this is done on a database file, not over HTTP", a.database()),
		"on the machine where the hub's file is, call it with --db FILE")
}

// taken says that something stands where a database was to be made; next is what to do where that is one.
func taken(path, next string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return hint(misuse("%s is a directory", path), "name a file in it, such as %s", filepath.Join(path, defaultDatabase))
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return hint(misuse("%s is there already, and is empty; nothing was changed", path),
			"remove it, unless somebody else is making a database there just now, and call this again")
	}
	return hint(misuse("%s is there already; nothing was changed", path), "%s", next)
}

// withStore runs fn on the open database and closes it. An error of the close is an error of the command: something
// may not have reached the disk.
func (a *app) withStore(ctx context.Context, fn func(*store.Store) error) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Close(); err == nil && e != nil {
			err = e
		}
	}()
	return fn(s)
}

// onHub refuses on a replica what only its hub does; words are the command as it is to be called there.
func (a *app) onHub(ctx context.Context, s *store.Store, what, words string) error {
	if !s.Info().Replica() {
		return nil
	}
	origin, err := s.Origin(ctx)
	if err != nil {
		return err
	}
	return hint(misuse("%s is a replica: %s from its hub", a.database(), what), "`dovetail --db %s %s`", shellWord(origin.Hub), words)
}

// person is who acts: --as, DOVETAIL_USER, else the login name.
func (a *app) person() (string, error) {
	for _, name := range []string{a.as, os.Getenv("DOVETAIL_USER"), loginName()} {
		if name != "" {
			return name, checkPerson(name)
		}
	}
	return "", hint(misuse("nobody knows who you are"), "say it with --as NAME or DOVETAIL_USER")
}

func loginName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		// Windows puts the machine or the domain in front.
		return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
	}
	return os.Getenv("USER")
}

func checkPerson(name string) error {
	if len(name) > maxPersonLength {
		return misuse("a person's name of %d bytes is longer than %d", len(name), maxPersonLength)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return misuse("a person's name must be printable text, not %q", name)
	}
	return nil
}

// conflictNumber reads what names a conflict: its number, or its record where that has one.
func conflictNumber(ctx context.Context, on cases, name string) (int64, error) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		return n, nil
	}
	key, err := merge.ParseKey(name)
	if err != nil {
		return 0, hint(misuse("%q names no conflict: it is a number, or a record such as deal/D-1042", name),
			"`dovetail conflicts` lists them")
	}
	numbers, err := on.ConflictsOf(ctx, key)
	if err != nil {
		return 0, err
	}
	switch len(numbers) {
	case 1:
		return numbers[0], nil
	case 0:
		return 0, hint(misuseError{fmt.Errorf("%s has no open conflict", key)}, "`dovetail conflicts` lists them")
	default:
		return 0, hint(misuse("%s has %d conflicts", key, len(numbers)), "name one by its number: %s", joinNumbers(numbers))
	}
}

func joinNumbers(numbers []int64) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(words, ", ")
}

// openCase finds a conflict by its name.
func openCase(ctx context.Context, on cases, name string) (merge.Case, error) {
	number, err := conflictNumber(ctx, on, name)
	if err != nil {
		return merge.Case{}, err
	}
	c, err := on.Case(ctx, number)
	if errors.Is(err, merge.ErrNotFound) {
		return c, hint(fmt.Errorf("conflict %d: %w", number, merge.ErrNotFound), "`dovetail conflicts` lists the open ones")
	}
	return c, err
}

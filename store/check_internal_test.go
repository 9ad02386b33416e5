package store

import (
	"strings"
	"testing"

	"dovetail/merge"
)

func findingOf(t *testing.T, s *Store, name string) Finding {
	t.Helper()
	found, err := s.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Check == name {
			return f
		}
	}
	t.Fatalf("there is no check %s", name)
	return Finding{}
}

func TestASettingThatWasChangedIsFound(t *testing.T) {
	s := open(t)
	mustWrite(t, s) // so that there is a connection
	if _, err := s.conn.ExecContext(t.Context(), `PRAGMA synchronous = NORMAL`); err != nil {
		t.Fatal(err)
	}
	if f := findingOf(t, s, "settings"); f.OK || f.Found[0] != "synchronous is 1 on a connection that writes, not 3" {
		t.Errorf("it says %+v", f)
	}
	s.disconnect()
	if f := findingOf(t, s, "settings"); !f.OK {
		t.Errorf("on a new connection it says %+v", f)
	}
	s.readers.SetMaxOpenConns(1)
	if err := s.readers.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.readers.ExecContext(t.Context(), `PRAGMA query_only = 0`); err != nil {
		t.Fatal(err)
	}
	if f := findingOf(t, s, "settings"); f.OK || f.Found[0] != "query_only is 0 on a connection that reads, not 1" {
		t.Errorf("it says %+v", f)
	}
}

func TestOlderVersions(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"3.51.3", "3.54.1", true}, {"3.54.1", "3.54.1", false}, {"3.54.1", "3.9.9", false}, {"3.54", "3.54.1", true}, {"4", "3.54.1", false}} {
		if older(tt.a, tt.b) != tt.want {
			t.Errorf("older(%s, %s) is not %v", tt.a, tt.b, tt.want)
		}
	}
}

// A replica may know a record from a later version on; on a hub every version is there.
func TestAChainMayBeginLaterOnAReplica(t *testing.T) {
	first := link{key: merge.Key{Collection: "a", ID: "1"}, entry: entry{number: 5, cause: CauseWrite}, parent: 4, digest: make([]byte, 32), hash: []byte("unknown here")}
	second := first
	second.parent, second.entry.number = 5, 6
	second.hash = second.entry.link(&head{hash: first.hash, key: second.key, number: 5}, second.digest)
	for _, replica := range []bool{true, false} {
		var n notes
		first.compare(link{}, replica, &n)
		second.compare(first, replica, &n)
		if wrong := len(n.found) > 0; wrong == replica {
			t.Errorf("on a replica (%v) it says %q", replica, n.found)
		}
	}
	var n notes
	second.hash = first.hash
	second.compare(first, true, &n)
	if len(n.found) != 1 || !strings.Contains(n.found[0], "version 6 does not match its hash") {
		t.Errorf("of a wrong hash it says %q", n.found)
	}
}

// TestAPageThatCannotBeReadIsNoDamage: SQLite finds both in the same words, but for the code.
func TestAPageThatCannotBeReadIsNoDamage(t *testing.T) {
	for line, want := range map[string]bool{
		"*** in database main ***\nTree 43 page 43: unable to get the page. error code=266": true,
		"Tree 43 page 43: unable to get the page. error code=11":                            false,
		"Tree 2 page 7: btreeInitPage() returns error code 11":                              false,
		"row 3 missing from index dovetail_side_record":                                     false,
	} {
		if unread(line) != want {
			t.Errorf("%q: %v", line, !want)
		}
	}
}

package main

import "testing"

func TestAWordIsTypedAsTheShellTakesIt(t *testing.T) {
	for _, tt := range []struct{ system, word, want string }{
		{"linux", "deal.db", "deal.db"},
		{"linux", "a b.db", "'a b.db'"},
		{"linux", `a\b`, `'a\b'`},
		{"linux", "it's", `'it'\''s'`},
		{"linux", "", "''"},
		{"windows", `C:\reps\hub.db`, `C:\reps\hub.db`},
		{"windows", `C:\Users\Jörg Müller\hub.db`, `"C:\Users\Jörg Müller\hub.db"`},
		{"windows", "it's", `"it's"`},
		{"windows", `say="x"`, `"say=\"x\""`},
		{"windows", "a,b", `"a,b"`},
	} {
		if got := shellWordOn(tt.system, tt.word); got != tt.want {
			t.Errorf("%s on %s is %s, want %s", tt.word, tt.system, got, tt.want)
		}
	}
}

func TestAPathCanBeCopied(t *testing.T) {
	const path = "C:\\reps\\Jörg\u202e\\a.db"
	if got := pathTextOn("windows", path); got != `C:\reps\Jörg\u{202e}\a.db` {
		t.Errorf("on Windows it is %s", got)
	}
	if got := pathTextOn("linux", path); got != `C:\\reps\\Jörg\u{202e}\\a.db` {
		t.Errorf("on Linux it is %s", got)
	}
}

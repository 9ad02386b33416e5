package autopsy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dovetail/merge/autopsy"
)

// examine reads a log with the usual names, and returns what was lost, a line each: the line of the log that was lost, that
// which wrote over it, and the field.
func examine(t *testing.T, log string) ([]string, autopsy.Summary) {
	t.Helper()
	x := autopsy.NewExaminer()
	var lost []string
	err := autopsy.Read(strings.NewReader(log), autopsy.UsualNames(), nil, func(e autopsy.Edit) error {
		return x.Add(e, func(l autopsy.Lost) error {
			lost = append(lost, fmt.Sprintf("%d<%d %s", l.Line, l.Over.Line, l.Field))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	s := x.Summary()
	if s.Lost != int64(len(lost)) {
		t.Errorf("%d lost, and %d are told of", s.Lost, len(lost))
	}
	return lost, s
}

func TestWhatIsLost(t *testing.T) {
	for name, test := range map[string]struct {
		log        string
		lost       []string
		cannotTell int64
		why        string
	}{
		"the version says that it was not seen": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"bo","seen":3,"fields":{"s":2}}`,
			lost: []string{"1<2 s"},
		},
		"the version says that it was seen": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"bo","seen":4,"fields":{"s":2}}`,
		},
		"another field": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"bo","seen":3,"fields":{"t":2}}`,
		},
		"another record": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"b","by":"bo","seen":3,"fields":{"s":2}}`,
		},
		"the same value": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1.0}}
{"record":"a","by":"bo","seen":3,"fields":{"s":1}}`,
			why: "what both wrote alike is not lost",
		},
		"his own": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"ana","seen":3,"fields":{"s":2}}`,
			why: "everybody has seen what he wrote himself",
		},
		"his own last": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"ana","seen":4,"fields":{"s":2}}
{"record":"a","by":"bo","seen":3,"fields":{"s":3}}`,
			lost: []string{"2<3 s"},
			why:  "what he changed himself before is not lost by others",
		},
		"versions that the log names": {
			log: `{"record":"a","by":"ana","version":40,"fields":{"s":1}}
{"record":"a","by":"bo","version":41,"seen":40,"fields":{"t":2}}
{"record":"a","by":"kim","version":42,"seen":40,"fields":{"t":3}}`,
			lost: []string{"2<3 t"},
		},
		"a log with gaps": {
			log: `{"record":"a","by":"ana","fields":{"s":1}}
{"record":"a","by":"bo","seen":57,"fields":{"s":2}}
{"record":"a","by":"kim","seen":57,"fields":{"s":3}}`,
			lost: []string{"2<3 s"},
			why:  "what is not in the log made versions too",
		},
		"a line for each field": {
			log: `{"record":"a","by":"ana","at":"2026-11-22T09:00:00.1Z","seen":3,"field":"s","new":1}
{"record":"a","by":"ana","at":"2026-11-22T09:00:00.2Z","seen":3,"field":"t","new":1}
{"record":"a","by":"bo","seen":4,"field":"t","new":2}`,
			why: "the two lines are one edit, so version 4 has both",
		},
		"the time says that it was not seen": {
			log: `{"record":"a","by":"ana","at":"2026-11-22T09:00:00Z","fields":{"s":1}}
{"record":"a","by":"bo","at":"2026-11-22T09:30:00Z","seen_at":"2026-11-22T08:59:59Z","fields":{"s":2}}`,
			lost: []string{"1<2 s"},
		},
		"the time says that it was seen": {
			log: `{"record":"a","by":"ana","at":1795338000,"fields":{"s":1}}
{"record":"a","by":"bo","at":1795338600000,"seen_at":1795338000,"fields":{"s":2}}`,
			why: "at the same moment counts as seen",
		},
		"seen holds a time": {
			log: `{"record":"a","by":"ana","at":"2026-11-22 09:00:00","fields":{"s":1}}
{"record":"a","by":"bo","at":"2026-11-22 09:30:00","seen":"2026-11-22T08:59:59Z","fields":{"s":2}}`,
			lost: []string{"1<2 s"},
		},
		"seen holds an ETag": {
			log: `{"record":"a","by":"ana","seen":"\"3\"","fields":{"s":1}}
{"record":"a","by":"bo","seen":"W/\"3\"","fields":{"s":2}}`,
			lost: []string{"1<2 s"},
		},
		"the old value says that it was not seen": {
			log: `{"record":"a","by":"ana","field":"s","old":"x","new":"y"}
{"record":"a","by":"bo","field":"s","old":"x","new":"z"}`,
			lost: []string{"1<2 s"},
		},
		"the old value says that it was seen": {
			log: `{"record":"a","by":"ana","field":"s","old":"x","new":"y"}
{"record":"a","by":"bo","field":"s","old":"y","new":"z"}`,
		},
		"an old value that the log does not know": {
			log: `{"record":"a","by":"ana","field":"s","old":"x","new":"y"}
{"record":"a","by":"bo","field":"s","old":"w","new":"z"}`,
			cannotTell: 1,
			why:        "somebody wrote w who is not in the log, perhaps over y, and bo may have seen that",
		},
		"pairs of old and new": {
			log: `{"table":"deal","record_id":7,"user":"ana","changes":{"s":["x","y"]}}
{"table":"deal","record_id":7,"user":"bo","changes":{"s":{"from":"x","to":"z"}}}
{"table":"bill","record_id":7,"user":"bo","changes":{"s":{"from":"x","to":"z"}}}`,
			lost: []string{"1<2 s"},
		},
		"an object of old values": {
			log: `{"record":"a","by":"ana","before":{"s":"x"},"after":{"s":"y"}}
{"record":"a","by":"bo","before":{"s":"x"},"after":{"s":"z"}}`,
			lost: []string{"1<2 s"},
		},
		"nothing tells": {
			log: `{"record":"a","by":"ana","fields":{"s":1}}
{"record":"a","by":"bo","fields":{"s":2}}`,
			cannotTell: 1,
		},
		"nothing tells, and nothing has to": {
			log: `{"record":"a","by":"ana","fields":{"s":1}}
{"record":"a","by":"ana","fields":{"s":2}}
{"record":"a","by":"bo","fields":{"t":2}}`,
		},
		"a whole record puts back what it had seen": {
			log: `{"record":"a","by":"office","seen":0,"fields":{"s":1,"t":1}}
{"record":"a","by":"ana","seen":1,"fields":{"s":2,"t":1}}
{"record":"a","by":"bo","seen":1,"fields":{"s":1,"t":2}}
{"record":"a","by":"kim","seen":2,"fields":{"s":2,"t":3}}`,
			lost: []string{"2<3 s", "3<4 t"},
			why:  "bo did not edit s, but his save took ana's edit out; kim's save puts it back, and loses nothing of s by it",
		},
		"whole records from the middle on": {
			log: `{"record":"a","by":"ana","seen":8,"fields":{"s":2,"t":1}}
{"record":"a","by":"bo","seen":8,"fields":{"s":1,"t":2}}`,
			cannotTell: 2,
			why:        "nobody can tell which of the two ana had edited",
		},
		"a deletion": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"bo","seen":4,"fields":{"t":1}}
{"record":"a","by":"kim","seen":4,"fields":null}
{"record":"a","by":"kim","seen":6,"fields":{"s":5}}`,
			lost: []string{"2<3 t"},
		},
		"a deletion that was not seen": {
			log: `{"record":"a","by":"ana","seen":3,"fields":{"s":1}}
{"record":"a","by":"kim","seen":4,"fields":null}
{"record":"a","by":"bo","seen":4,"fields":{"s":5}}`,
			why: "nobody's value is lost by that",
		},
		"an old value from before the log": {
			log: `{"record":"a","by":"ana","field":"s","new":"y"}
{"record":"a","by":"bo","field":"s","old":"x","new":"z"}`,
			lost: []string{"1<2 s"},
		},
		"a deletion by its action": {
			log: `{"record":"a","by":"ana","seen":3,"action":"update","fields":{"s":1}}
{"record":"a","by":"kim","seen":3,"action":"DELETE"}`,
			lost: []string{"1<2 s"},
		},
		"CSV": {
			log: "record,by,at,seen,field,new\n" +
				"a,ana,2026-11-22T09:00:00Z,3,s,\"two\nlines\"\n" +
				"a,bo,2026-11-22T09:01:00Z,3,s,x\n" +
				"a,kim,2026-11-22T09:02:00Z,,s,y\n",
			lost:       []string{"2<4 s"},
			cannotTell: 1,
		},
		"CSV of another country, with a mark before it": {
			log:  "\uFEFFrecord;by;seen;fields\na;ana;3;\"{\"\"s\"\":1}\"\na;bo;3;\"{\"\"s\"\":2}\"\n",
			lost: []string{"2<3 s"},
		},
		"nothing": {log: ""},
		"blanks":  {log: " \n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			lost, s := examine(t, test.log)
			if !slices.Equal(lost, test.lost) || s.CannotTell != test.cannotTell {
				t.Errorf("lost %q and cannot tell of %d; want %q and %d (%s)", lost, s.CannotTell, test.lost, test.cannotTell, test.why)
			}
		})
	}
}

// TestSummary counts people and fields once, and knows how long the log is.
func TestSummary(t *testing.T) {
	_, s := examine(t, `{"record":"a","by":"ana","at":"2026-11-01T09:00:00Z","seen":1,"fields":{"s":1}}
{"record":"a","by":"bo","at":"2026-11-02T09:00:00Z","seen":1,"fields":{"s":2}}
{"record":"b","by":"bo","at":"2026-11-03T09:00:00Z","seen":1,"fields":{"s":1}}
{"record":"b","by":"kim","at":"2026-11-01T08:00:00Z","seen":1,"fields":{"s":2}}
{"record":"b","by":"bo","at":"2026-11-05T09:00:00Z","seen":1,"fields":{"s":3,"t":1}}`)
	if s.Lost != 3 || s.People != 3 || s.Records != 2 || s.Edits != 6 || s.Backwards != 1 || s.Fields["s"] != 3 {
		t.Errorf("%+v", s)
	}
	if got := s.To.Sub(s.From).Hours(); got != 4*24+1 {
		t.Errorf("the log is of %v hours", got)
	}
}

// TestOldValuesThatAreNeverStale are told apart, since a database that writes them sees everything.
func TestOldValuesThatAreNeverStale(t *testing.T) {
	_, s := examine(t, `{"record":"a","by":"ana","field":"s","old":0,"new":1}
{"record":"a","by":"bo","field":"s","old":1,"new":2}
{"record":"a","by":"ana","field":"s","old":2,"new":3}`)
	if s.OldOnly != 2 || s.OldStale != 0 {
		t.Errorf("%+v", s)
	}
}

// TestHowFarBack: of a field that changed many times nobody knows what somebody saw long ago, but a version tells.
func TestHowFarBack(t *testing.T) {
	var log strings.Builder
	for i := range 40 {
		fmt.Fprintf(&log, `{"record":"a","by":"p%d","seen":%d,"fields":{"s":%d}}`+"\n", i, i, i)
	}
	log.WriteString(`{"record":"a","by":"ana","seen":2,"fields":{"s":"x"}}` + "\n")
	if lost, _ := examine(t, log.String()); !slices.Equal(lost, []string{"40<41 s"}) {
		t.Errorf("lost %q", lost)
	}
}

// TestWhatIsForgotten: an old value that is none of the last ones may be one before them, or of somebody who is not in the log.
func TestWhatIsForgotten(t *testing.T) {
	var log strings.Builder
	for i := range 40 {
		fmt.Fprintf(&log, `{"record":"a","by":"ana","field":"s","new":%d}`+"\n", i)
	}
	log.WriteString(`{"record":"a","by":"bo","field":"s","old":3,"new":"x"}` + "\n")
	if lost, s := examine(t, log.String()); len(lost) > 0 || s.CannotTell != 1 {
		t.Errorf("lost %q, and cannot tell of %d", lost, s.CannotTell)
	}
}

// TestALogMayBeLongerThanALineMayBe, in CSV too, where the end of a line is not known before.
func TestALogMayBeLongerThanALineMayBe(t *testing.T) {
	lines := int64(0)
	log := "record,field,new\n" + strings.Repeat("a,s,"+strings.Repeat("x", 1<<20)+"\n", 20)
	if err := autopsy.Read(strings.NewReader(log), autopsy.UsualNames(), nil, func(autopsy.Edit) error {
		lines++
		return nil
	}); err != nil || lines != 20 {
		t.Errorf("%d lines, %v", lines, err)
	}
}

func TestBadLines(t *testing.T) {
	for name, test := range map[string]struct {
		log  string
		line int64
		want string
	}{
		"no JSON":            {`{"record":"a","fields":{}}` + "\nnothing", 2, "not a JSON object"},
		"a member twice":     {`{"record":"a","record":"b","fields":{"s":1}}`, 1, "record"},
		"no record":          {`{"what":"a","fields":{"s":1}}`, 1, "for the record"},
		"an empty record":    {`{"record":"","fields":{"s":1}}`, 1, "for the record"},
		"no fields":          {`{"record":"a"}`, 1, "no fields"},
		"no time":            {`{"record":"a","at":"soon","fields":{"s":1}}`, 1, "not a time"},
		"a time before 1970": {`{"record":"a","at":-1,"fields":{"s":1}}`, 1, "not a time"},
		"a time beyond all":  {`{"record":"a","at":1e300,"fields":{"s":1}}`, 1, "not a time"},
		"no version":         {`{"record":"a","seen":"v","fields":{"s":1}}`, 1, "neither a version nor a time"},
		"no new version":     {`{"record":"a","version":"v","fields":{"s":1}}`, 1, "not a version"},
		"a person of parts":  {`{"record":"a","by":{"id":1},"fields":{"s":1}}`, 1, "neither text nor a number"},
		"an array":           {`[{"record":"a"}]`, 1, "array"},
		"CSV without names":  {"a,b\n1,2\n", 1, "no name"},
		"CSV that is short":  {"record,field,new\na,s,1\na,s\n", 3, "2 values"},
		"CSV of bytes":       {"record,field,new\na,s,\xff\n", 2, "UTF-8"},
		"CSV with a quote":   {"record,field,new\na,s,x\"y\n", 2, `bare "`},
		"CSV without an end": {"record,field,new\na,s,\"" + strings.Repeat("x", 17<<20), 2, "longer than"},
		"JSON without end":   {`{"record":"` + strings.Repeat("x", 17<<20) + "\"}\n", 1, "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			err := autopsy.Read(strings.NewReader(test.log), autopsy.UsualNames(), nil, func(autopsy.Edit) error { return nil })
			var bad *autopsy.LineError
			if !errors.As(err, &bad) || bad.Line != test.line || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %.200v; want line %d, %s", err, test.line, test.want)
			}
		})
	}
}

// TestBadLinesAreSetAside as they stand there, and the others are read.
func TestBadLinesAreSetAside(t *testing.T) {
	for _, log := range []string{
		`{"record":"a","fields":{"s":1}}` + "\n" + `{"no":1}` + "\n" + `{"record":"b","fields":{"s":1}}`,
		"record,field,new\na,s,1\nb\nb,s,2\n",
	} {
		var bad, good []string
		if err := autopsy.Read(strings.NewReader(log), autopsy.UsualNames(), func(text []byte, err *autopsy.LineError) error {
			bad = append(bad, strings.TrimSpace(string(text)))
			return nil
		}, func(e autopsy.Edit) error {
			good = append(good, e.Record)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(bad) != 1 || !strings.Contains(log, bad[0]) || !slices.Equal(good, []string{"a", "b"}) {
			t.Errorf("bad %q, good %q", bad, good)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("record,field,new\na,s,1\n")
	f.Add(`{"record":"a","by":"ana","at":1,"seen":"3","changes":{"s":[1,2]},"old":{"s":1}}`)
	f.Fuzz(func(t *testing.T, log string) {
		x := autopsy.NewExaminer()
		err := autopsy.Read(strings.NewReader(log), autopsy.UsualNames(), func([]byte, *autopsy.LineError) error { return nil },
			func(e autopsy.Edit) error {
				return x.Add(e, func(l autopsy.Lost) error {
					if l.Record == "" || l.Line >= l.Over.Line {
						t.Errorf("%+v", l)
					}
					return nil
				})
			})
		if s := x.Summary(); s.Lost+s.CannotTell > s.Edits {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// TestNamesThatTheLogDoesNotHave: a name that somebody gave is not passed over as one that a log need not have, since then
// what it stands for would be taken for untold, and losses would not be found.
func TestNamesThatTheLogDoesNotHave(t *testing.T) {
	const csv, lines = "record,by,at,opened,s\na,ana,1,1,x\n", `{"record":"a","seen":1,"s":1}` + "\n" + `{"record":"a","opened":2,"s":2}`
	for _, test := range []struct{ log, given, want string }{
		{csv, "opened", ""},
		{csv, "openend", `line 1: a name that the log does not have: "openend"; it has ["record" "by"`},
		{lines, "opened", ""}, // one line has it
		{lines, "openend", `line 2: a name that the log does not have: "openend" is on no line`},
		{"", "opened", ""},
	} {
		names := autopsy.UsualNames()
		names.Fields, names.SeenAt, names.Given = []string{"s"}, []string{test.given}, []string{test.given, "s"}
		err := autopsy.Read(strings.NewReader(test.log), names, nil, func(autopsy.Edit) error { return nil })
		if test.want == "" && err != nil || test.want != "" && (!errors.Is(err, autopsy.ErrGiven) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("with %s: %v, want %q", test.given, err, test.want)
		}
	}
}

// TestWhyItCannotTell: it is not for want of what was seen that the first line of a whole record may be no edit.
func TestWhyItCannotTell(t *testing.T) {
	_, s := examine(t, `{"record":"a","by":"ana","seen":1,"fields":{"s":1,"t":1}}
{"record":"a","by":"bo","seen":1,"fields":{"s":2,"t":1}}
{"record":"b","by":"ana","fields":{"s":1}}
{"record":"b","by":"bo","fields":{"s":2}}`)
	if s.Lost != 0 || s.CannotTell != 2 || s.Inherited != 1 {
		t.Errorf("%+v", s)
	}
}

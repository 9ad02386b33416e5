package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/tui"
)

var playNoon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// played is the playground of a story, where it begins.
func played(t *testing.T, scenario fixtures.Scenario) *playground {
	t.Helper()
	dir := t.TempDir()
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		// There files cost no disk.
		if dir, err = os.MkdirTemp("/dev/shm", "dovetail-play-*"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
	p, err := newPlayground(t.Context(), dir, scenario, playNoon, "vera")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func story(t *testing.T, name string) fixtures.Scenario {
	t.Helper()
	s, err := fixtures.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func goTo(t *testing.T, p *playground, steps int) tui.PlayView {
	t.Helper()
	v, err := p.Go(t.Context(), steps)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fates tells what became of a record's fields, in words: of the last change that met another one.
func fates(w tui.PlayWorld, record string) string {
	words := "nothing met"
	for _, m := range w.Meets {
		if m.Record.String() != record {
			continue
		}
		words = m.Outcome
		if m.ByOwnClock {
			words += " against its own clock"
		}
		if m.Again > 0 {
			words += fmt.Sprintf(", came %d times more", m.Again)
		}
		for _, f := range m.Fates {
			words += ";" + merge.PathLabel(f.Path)
			switch {
			case f.Decided != "":
				words += fmt.Sprintf(" decided %s by %s", f.Kept, f.Decided)
				continue
			case f.Asked:
				words += " asked"
				continue
			}
			words += fmt.Sprintf(" %s of %s", f.Kept, f.KeptBy)
			if f.Joined {
				words += " joined"
			}
			for _, l := range f.Lost {
				words += fmt.Sprintf(" lost %s of %s", l.Value, l.By)
			}
			if f.Twice != nil {
				words += fmt.Sprintf(" twice %s", *f.Twice)
			}
		}
	}
	return words
}

// lesson is what each strategy makes of one record of a story.
type lesson struct {
	story, record                    string
	fieldMerge, lastWrites, opReplay string
}

var lessons = []lesson{
	{"deal", "deal/D-1042",
		`conflict;amount 50000 of ana;notes "added" of diaz;status asked`,
		`superseded;amount 40000 of  lost 50000 of ana;notes "added" of diaz;status "open" of diaz lost "closed" of ana`,
		`conflict;amount 50000 of ana;notes "added" of diaz;status asked`},
	{"fast-clock", "quote/Q-77",
		`conflict;delivery "2 weeks" of ben;price asked`,
		`superseded against its own clock;delivery "4 weeks" of  lost "2 weeks" of ben;price 1240 of kim lost 1090 of ben`,
		`conflict;delivery "2 weeks" of ben;price asked`},
	{"tags", "account/A-9",
		`merged;rank 2 of diaz;tags ["dairy","vip","urgent"] of ana and diaz joined`,
		`superseded;rank 2 of diaz;tags ["dairy","prospect","vip"] of diaz lost ["dairy","urgent"] of ana`,
		`merged;rank 2 of diaz;tags ["dairy","vip","urgent"] of ana and diaz joined`},
	{"stock", "part/P-7",
		`conflict, came 1 times more;bin "C5" of lee;in_stock asked;tags asked`,
		`merged, came 1 times more;bin "C5" of lee;in_stock 36 of lee lost 35 of kim;tags ["pump","low"] of lee lost ["pump","reorder"] of kim`,
		`merged, came 1 times more;bin "C5" of lee;in_stock 31 of lee and kim joined twice 27;tags ["pump","reorder","low"] of lee and kim joined`},
	{"address", "account/A-20",
		`conflict;city asked;phone "+1 509 555 0121" of ana;street asked;zip asked`,
		`superseded;city "Naches" of diaz;phone "+1 509 555 0117" of  lost "+1 509 555 0121" of ana;` +
			`street "700 Mill Rd" of diaz lost "2 Orchard Court, Barn" of ana;zip "98937" of diaz`,
		`conflict;city asked;phone "+1 509 555 0121" of ana;street asked;zip asked`},
	{"delete-edit", "contact/C-3",
		`conflict;the record asked`,
		`merged;the record  of ana lost {"name":"Jon Weir","phone":"+1 509 555 0188","role":"foreman"} of diaz`,
		`conflict;the record asked`},
	{"lost-answer", "job/J-12",
		`merged, came 1 times more;crew 3 of diaz;hours 3.5 of ana;status "done" of ana`,
		`superseded, came 1 times more;crew 3 of diaz;hours  of  lost 3.5 of ana;status "planned" of  lost "done" of ana`,
		`merged, came 1 times more;crew 3 of diaz;hours 3.5 of ana;status "done" of ana`},
	{"partly-applied", "part/P-2",
		`conflict, came 1 times more;in_stock asked`,
		`superseded, came 1 times more;in_stock 10 of kim lost 11 of lee`,
		`merged, came 1 times more;in_stock 9 of lee and kim joined twice 8`},
	{"stale-resolution", "deal/D-7",
		`conflict;amount decided 7400 by kim;status decided "closed" by kim`,
		`superseded;amount 7000 of diaz lost 9500 of ana;status "on-hold" of diaz lost "closed" of ana`,
		`conflict;amount decided 7400 by kim;status decided "closed" by kim`},
}

// TestEveryStoryTeachesItsLesson plays the stories on real hubs and devices, and says what each strategy made of them.
func TestEveryStoryTeachesItsLesson(t *testing.T) {
	for _, s := range fixtures.Scenarios() {
		p := played(t, s)
		v := goTo(t, p, len(s.Events))
		wantHappened(t, s, p, v)
		for _, l := range lessons {
			for i, want := range []string{l.fieldMerge, l.lastWrites, l.opReplay} {
				if got := fates(v.Worlds[i], l.record); l.story == s.Name && got != want {
					t.Errorf("%s under %s:\n%s\nwant\n%s", l.story, merge.Strategy(i), got, want)
				}
			}
		}
		p.Close()
	}
}

// wantHappened checks that every step of a story happened under the strategy that it is told under, but for the decision that
// comes too late.
func wantHappened(t *testing.T, s fixtures.Scenario, p *playground, v tui.PlayView) {
	t.Helper()
	var refused []string
	for _, step := range v.Steps {
		if step.Refused[s.Strategy] {
			refused = append(refused, step.Words)
		}
	}
	var want []string
	if s.Name == "stale-resolution" {
		want = []string{"writes what was decided on deal/D-7"}
		said := goTo(t, p, 10).Worlds[0].Said
		if !strings.Contains(said, "moved from v2 to v3") || !strings.Contains(said, "amount is asked again") {
			t.Errorf("of the late decision it says %q", said)
		}
	}
	if !slices.Equal(refused, want) {
		t.Errorf("%s: these cannot happen: %q", s.Name, refused)
	}
	if v.Begin >= len(s.Events) || v.Begin == 0 {
		t.Errorf("%s begins at step %d", s.Name, v.Begin)
	}
}

// TestGoingBackIsPlayingAgain: the worlds that are made anew are what they were.
func TestGoingBackIsPlayingAgain(t *testing.T) {
	for _, name := range []string{"stock", "stale-resolution"} {
		s := story(t, name)
		p := played(t, s)
		var first []tui.PlayView
		for i := p.begin; i <= len(s.Events); i++ {
			first = append(first, goTo(t, p, i))
		}
		for i := len(s.Events); i >= p.begin; i -= 3 {
			goTo(t, p, i)
			p.history.Lock()
			clear(p.known) // what is known from the first time is not to be trusted here
			p.history.Unlock()
			p.busy.Lock()
			err := p.anew(t.Context())
			if err == nil {
				err = p.level(t.Context())
			}
			p.busy.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := goTo(t, p, i), first[i-p.begin]; !reflect.DeepEqual(got.Worlds, want.Worlds) {
				t.Errorf("%s: after step %d it is\n%+v\nwas\n%+v", name, i, got.Worlds, want.Worlds)
			}
		}
	}
}

// TestOwnStepsArePartOfTheHistory: they happen in every world, go away and come again with the history, and can be taken out.
func TestOwnStepsArePartOfTheHistory(t *testing.T) {
	s := story(t, "deal")
	p := played(t, s)
	key := merge.Key{Collection: "deal", ID: "D-1042"}
	goTo(t, p, 9) // so that all is known of the time before the step
	goTo(t, p, 6) // ana has changed the deal
	v, err := p.Act(t.Context(), tui.PlayAct{Do: tui.PlayEdit, Device: "ana-7", Record: key, Path: "/amount", Typed: "+=500"})
	if err != nil || v.At != 7 || len(v.Steps) != 10 || !v.Steps[6].Own {
		t.Fatalf("%+v, %v", v, err)
	}
	amount := func(v tui.PlayView) string {
		return string(merge.Lookup(v.Worlds[0].Devices[0].Copies[0].Fields, "/amount"))
	}
	if amount(v) != "50500" {
		t.Errorf("amount is %s", amount(v))
	}
	if got := amount(goTo(t, p, 8)); got != "50500" {
		t.Errorf("after the step amount is %s", got)
	}
	if got := amount(goTo(t, p, 6)); got != "50000" {
		t.Errorf("before the step amount is %s", got)
	}
	if v = goTo(t, p, 10); amount(v) != "50500" || fates(v.Worlds[1], "deal/D-1042") !=
		`superseded;amount 40000 of  lost 50500 of ana;notes "added" of diaz;status "open" of diaz lost "closed" of ana` {
		t.Errorf("at the end: %s, %s", amount(v), fates(v.Worlds[1], "deal/D-1042"))
	}
	if _, err = p.TakeOut(t.Context()); err == nil {
		t.Error("a step of the story was taken out")
	}
	goTo(t, p, 7)
	if v, err = p.TakeOut(t.Context()); err != nil || v.At != 6 || len(v.Steps) != 9 || amount(goTo(t, p, 9)) != "50000" {
		t.Errorf("taken out: %+v, %v", v, err)
	}
}

// TestRefusedActsChangeNothing: what the schema or the line forbids is told, and no step.
func TestRefusedActsChangeNothing(t *testing.T) {
	p := played(t, story(t, "tags"))
	before := goTo(t, p, 4)
	key := merge.Key{Collection: "account", ID: "A-9"}
	for want, act := range map[string]tui.PlayAct{
		"rank":             {Do: tui.PlayEdit, Device: "ana-7", Record: key, Path: "/rank", Typed: "9"},
		"integer":          {Do: tui.PlayEdit, Device: "ana-7", Record: key, Path: "/rank", Typed: `:="high"`},
		"line of ana-7":    {Do: tui.PlaySync, Device: "ana-7"},
		"already":          {Do: tui.PlayCut, Device: "ana-7"},
		"no device":        {Do: tui.PlayCut, Device: "nobody"},
		"changes nothing":  {Do: tui.PlayEdit, Device: "ana-7", Record: key, Path: "/rank", Typed: "3"},
		"FIELD=VALUE":      {Do: tui.PlayEdit, Device: "ana-7", Record: key, Typed: "rank"},
		"not there on ana": {Do: tui.PlayRemove, Device: "ana-7", Record: merge.Key{Collection: "account", ID: "none"}},
	} {
		if _, err := p.Act(t.Context(), act); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", act, err, want)
		}
	}
	after := goTo(t, p, -1)
	if after.At != 4 || len(after.Steps) != len(before.Steps) || !reflect.DeepEqual(after.Worlds[0].Devices, before.Worlds[0].Devices) {
		t.Errorf("something was changed: %+v", after)
	}
}

// TestARecordIsMadeInEveryWorld, goes with the history, and is a conflict where somebody else made it, too.
func TestARecordIsMadeInEveryWorld(t *testing.T) {
	p := played(t, story(t, "deal"))
	goTo(t, p, 6) // ana-7 has no line
	act := func(device, typed string) (tui.PlayView, error) {
		return p.Act(t.Context(), tui.PlayAct{Do: tui.PlayCreate, Device: device, Typed: typed})
	}
	for typed, want := range map[string]string{"deal/D-1042 a=b": "on ana-7 already", "deal": "deal", "deal/9": "FIELD=VALUE", "deal/9 a": "FIELD=VALUE"} {
		if v, err := act("ana-7", typed); err == nil || !strings.Contains(err.Error(), want) || len(goTo(t, p, -1).Worlds[0].Hub) != 1 {
			t.Errorf("%q: %v, %+v", typed, err, v.Worlds[0].Hub)
		}
	}
	if _, err := act("ana-7", `visit/1 "note=two words" hours:=3`); err != nil {
		t.Fatal(err)
	}
	v, err := act("web", `visit/1 {"note":"other"}`)
	if err != nil || len(v.Worlds[0].Hub) != 2 || v.Worlds[1].Hub[1].Fields == nil || string(v.Worlds[2].Devices[0].Copies[1].Fields) != `{"hours":3,"note":"two words"}` {
		t.Fatalf("%+v, %v", v.Worlds[0], err)
	}
	for i, want := range []string{`conflict;hours 3 of ana;note asked`, `superseded;hours  of  lost 3 of ana;note "other" of diaz lost "two words" of ana`,
		`conflict;hours 3 of ana;note asked`} {
		if got := fates(goTo(t, p, 11).Worlds[i], "visit/1"); got != want {
			t.Errorf("under %s: %s, want %s", merge.Strategy(i), got, want)
		}
	}
	if v := goTo(t, p, 6); len(v.Worlds[0].Hub) != 1 {
		t.Errorf("before it was made there is %+v", v.Worlds[0].Hub)
	}
}

// TestDraftsComeBackWithTheHistory: a decision that is not written outlives steps back and forth, as far as it still stands.
func TestDraftsComeBackWithTheHistory(t *testing.T) {
	p := played(t, story(t, "deal"))
	goTo(t, p, 9)
	desk := playDesk{p}
	c, err := desk.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := c.Merge().Field("/status")
	decision, _ := f.Choose(merge.TakeLocal, merge.Absent)
	draft := merge.Draft{Conflict: 1, Person: "vera", Revision: c.Conflict.Revision, ServerVersion: 4, Note: "called her"}
	draft.Decide("local for status", merge.Decisions{"/status": decision})
	if err := desk.SaveDraft(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	back := func(note string, decided int, moved ...string) {
		t.Helper()
		if counts, err := desk.Counts(t.Context(), "vera"); err != nil || counts.Drafts != 1 {
			t.Errorf("the queue counts %+v, %v", counts, err)
		}
		got, err := desk.Draft(t.Context(), 1, "vera")
		if err != nil || got.Note != note || len(got.Decisions) != decided || !slices.Equal(got.Moved, moved) {
			t.Errorf("the draft is %+v, %v", got, err)
		}
	}
	goTo(t, p, 5)
	if counts, err := desk.Counts(t.Context(), "vera"); err != nil || counts.Drafts != 0 {
		t.Errorf("before the conflict there are %+v, %v", counts, err)
	}
	draft.Note = "called again" // it is saved late, after the step back
	if err := desk.SaveDraft(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	goTo(t, p, 9)
	back("called again", 1)
	// Another history, in which the server's side is another one: the decision was made on what is no more.
	goTo(t, p, 7)
	key := merge.Key{Collection: "deal", ID: "D-1042"}
	if _, err := p.Act(t.Context(), tui.PlayAct{Do: tui.PlayEdit, Device: "web", Record: key, Path: "/status", Typed: "lost"}); err != nil {
		t.Fatal(err)
	}
	goTo(t, p, 10)
	back("called again", 0, "/status")
}

// TestDecidingOnTheScreensIsAStep: it happens where the same is asked, goes with the history, and can be taken back.
func TestDecidingOnTheScreensIsAStep(t *testing.T) {
	p := played(t, story(t, "deal"))
	goTo(t, p, 9)
	desk := playDesk{p}
	c, err := desk.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Merge()
	f, _ := r.Field("/status")
	decision, _ := f.Choose(merge.TakeLocal, merge.Absent)
	writing := merge.Writing{Conflict: 1, Revision: c.Conflict.Revision, ServerVersion: 4, Person: "vera",
		Decisions: merge.Decisions{"/status": decision}}
	if writing.Result, err = r.Apply(writing.Decisions); err != nil {
		t.Fatal(err)
	}
	written, err := desk.Resolve(t.Context(), writing)
	if err != nil || written.Version != 5 {
		t.Fatalf("%+v, %v", written, err)
	}
	const decided = `conflict;amount 50000 of ana;notes "added" of diaz;status decided "closed" by vera`
	v := goTo(t, p, -1)
	if v.At != 10 || fates(v.Worlds[0], "deal/D-1042") != decided || fates(v.Worlds[2], "deal/D-1042") != decided || !v.Steps[9].Refused[1] {
		t.Errorf("step %d: %s", v.At, fates(v.Worlds[0], "deal/D-1042"))
	}
	if v := goTo(t, p, 9); v.Worlds[0].Records[0].Conflict != 1 {
		t.Error("one step back the conflict is not open")
	}
	if page, err := desk.Conflicts(t.Context(), merge.Query{Limit: 10}); err != nil || len(page.Conflicts) != 1 {
		t.Errorf("one step back the queue holds %+v, %v", page.Conflicts, err)
	}
	goTo(t, p, 10)
	if _, err := desk.Undo(t.Context(), written, "vera"); err != nil {
		t.Fatal(err)
	}
	if v := goTo(t, p, -1); v.At != 11 || v.Worlds[0].Records[0].Conflict == 0 || v.Worlds[2].Records[0].Conflict == 0 ||
		fates(v.Worlds[0], "deal/D-1042") != lessons[0].fieldMerge || !v.Worlds[0].Meets[0].Waits {
		t.Errorf("taken back: %+v", v.Worlds[0])
	}
}

// TestPlaygroundLeavesNothing behind, and what it made is for its owner alone.
func TestPlaygroundLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p, err := newPlayground(t.Context(), dir, story(t, "deal"), playNoon, "vera")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		goTo(t, p, 5-i) // worlds of before go as well
		if _, err := (playDesk{p}).Counts(t.Context(), "vera"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// TestTheStoryInTheHelpPlays as it stands there, with its indentation and all.
func TestTheStoryInTheHelpPlays(t *testing.T) {
	_, script, _ := strings.Cut(playHelp, "title:")
	s, err := fixtures.Parse("help", "  title:"+script)
	if err != nil {
		t.Fatalf("%v in\n%s", err, script)
	}
	if s.Title != "The truck and the desk" || len(s.Events) < 9 {
		t.Errorf("it is %q with %d events", s.Title, len(s.Events))
	}
	p := played(t, s)
	v := goTo(t, p, len(s.Events))
	for i, step := range v.Steps {
		if step.Refused[0] {
			t.Errorf("step %d cannot happen: %s: %s", i+1, step.Words, goTo(t, p, i+1).Worlds[0].Said)
		}
	}
}

// TestWhatCameOfAStep is said in words that are true of the strategy, and do not count what came twice as two.
func TestWhatCameOfAStep(t *testing.T) {
	own, err := fixtures.Parse("own", `title: T
device ana-7: ana, tablet
desktop desk: kim, office
08:00 desk  write job/J-1 {"a": 1, "b": 1}
08:05 ana-7 sync
08:10 ana-7 write job/J-2 {"a": 1}
08:11 ana-7 rm job/J-2
08:20 ana-7 set job/J-1 a=2
08:21 desk  set job/J-1 a=3
08:30 ana-7 sync
08:40 desk  decide job/J-1 a=local
08:41 desk  set job/J-1 b=2
08:50 desk  resolve job/J-1
08:51 desk  resolve job/J-1
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		story    fixtures.Scenario
		step     int
		strategy merge.Strategy
		want     string
	}{
		{story(t, "stock"), 9, merge.LastWriteWins,
			"1 change came again: the same answer, and no second effect; in all 1 change: 1 written over another; 2 versions came in"},
		{story(t, "stock"), 9, merge.OpReplay,
			"1 change came again: the same answer, and no second effect; in all 1 change: 1 merged; 2 versions came in"},
		{story(t, "deal"), 9, merge.LastWriteWins, "1 change: 1 left out; 1 version came in"},
		{own, 4, merge.FieldMerge, "nothing is left to send: ana-7 has it as it was at the server"},
		{own, 10, merge.FieldMerge, "refused: the record moved from v2 to v3 meanwhile, and nothing was written over it; " +
			"the decision still stands, and is to be looked at again"},
		{own, 11, merge.FieldMerge, "nobody decided on job/J-1 as it is now"},
	} {
		p := played(t, test.story)
		if got := goTo(t, p, test.step).Worlds[test.strategy].Said; got != test.want {
			t.Errorf("%s, step %d under %s: %q, want %q", test.story.Name, test.step, test.strategy, got, test.want)
		}
		p.Close()
	}
}

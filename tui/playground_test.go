package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

func TestPlayBeginsWithTheLesson(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).sees("PLAYGROUND deal", "One deal, two people", "so a person decides that", "step 1 of 5", "next: ana on ana-7 syncs")
	r.wantScreen(onPlay)
	w.wantWent(t, -1)
}

func TestPlayAsksBeforeASyncIsShown(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w)
	r.press("n").sees("step 2 of 5").seesNot("WHICH VALUE") // a sync, but nothing meets
	r.press("n", "n").sees("step 4 of 5", "LINE CUT")
	w.wantWent(t, -1, 2, 3, 4)
	r.press("n").sees("WHICH VALUE SURVIVES? status", "1  closed", "2  open", "3  neither by itself", "step 4 of 5")
	w.wantWent(t)
	r.press("1").sees("step 5 of 5", "No: neither by itself. ana and diaz both changed status since v3, differently: a person decides")
	w.wantWent(t, 5)
	// It does not ask the same twice, but asks under another strategy.
	r.press("b", "n").sees("step 5 of 5", "a person decides").seesNot("No:")
	r.press("b", "tab", "n").sees("step 4 of 5", "WHICH VALUE SURVIVES? status of deal/D-1042, under op-replay")
}

func TestPlayAnswers(t *testing.T) {
	for answer, want := range map[string]string{"1": "No: 40000.", "2": "Right.", "3": "No: 40000."} {
		r := playing(t, smallStory(t)).press("tab", "tab").sees("[last-write-wins]").press("n", "n", "n", "n")
		r.sees("WHICH VALUE SURVIVES? amount", "nobody changed it at the server")
		r.press(answer).sees(want, "diaz wrote last, at 09:40; ana at 09:14.", "50000 of ana is lost", "nobody else touched amount")
	}
	playing(t, smallStory(t)).press("n", "n", "n", "n", "3").sees("Right. ana and diaz both changed status")
}

func TestPlayQuestionsCanBeLeft(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).press("n", "n", "n", "n", "esc").seesNot("WHICH VALUE").sees("step 4 of 5")
	r.press("n").sees("WHICH VALUE").press("Q").sees("step 5 of 5").seesNot("Right", "No:")
	w = smallStory(t)
	playing(t, w).press("Q").sees("no more questions").press("n", "n", "n", "n").sees("step 5 of 5")
	w = smallStory(t)
	playing(t, w, func(c *Config) { c.Ask = false }).press("n", "n", "n", "n").sees("step 5 of 5")
}

func TestPlayGoesBackAndForth(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).press("n", "n")
	w.wantWent(t, -1, 2, 3)
	r.press("b").sees("step 2 of 5")
	r.press("g").sees("step 1 of 5")
	r.press("g").sees("step 0 of 5")
	r.press("b").sees("this is the beginning")
	w.wantWent(t, 2, 1, 0)
	r.press("G").sees("WHICH VALUE", "step 4 of 5") // it runs to the question, and no further
	w.wantWent(t, 1, 2, 3, 4)
	r.press("2").sees("step 5 of 5").press("n").sees("the end of the story")
	r.press("g").press("nn").sees("step 3 of 5") // keys that come at once are as many steps
}

// TestPlayShowsWhatHappens: on a screen with room for one side, the cursor goes to the side of each step.
func TestPlayShowsWhatHappens(t *testing.T) {
	r := playing(t, smallStory(t), func(c *Config) { c.Ask = false }).size(40, 12)
	r.press("n").sees("[SERVER]").press("n").sees("[ana-7]", "*[v3, 2 changed]", "of deal/D-1042")
	r.press("n").sees("[SERVER]", "[v4]").press("n").sees("[SERVER]", "![v4, to decide]")
	r.size(120, 36).press("g", "n", "n").sees("[SERVER]") // where all sides are seen it stays
}

func TestPlayDropsOldAnswers(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).press("n")
	r.send(playMsg{seq: r.root().play.seq - 1, view: w.views[4]}).sees("step 2 of 5")
}

func TestPlayChangesTheWorldOnADevice(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).press("n", "n", "e").sees("that is done on a device")
	r.press("left", "down", "e").sees("amount of deal/D-1042 on ana-7", "> 50000")
	r.press("backspace", "1", "enter")
	key := merge.Key{Collection: "deal", ID: "D-1042"}
	want := []PlayAct{{Do: PlayEdit, Device: "ana-7", Record: key, Path: "/amount", Typed: "50001"}}
	r.press("up", "c", "right", "right", "c", "s", "d").sees("your step:")
	want = append(want, PlayAct{Do: PlayMend, Device: "ana-7"}, PlayAct{Do: PlayCut, Device: "web"}, PlayAct{Do: PlaySync, Device: "web"},
		PlayAct{Do: PlayRemove, Device: "web", Record: key})
	if !slices.Equal(w.acts, want) {
		t.Errorf("%+v\nwant\n%+v", w.acts, want)
	}
	if r.press("x"); w.taken != 1 {
		t.Error("x takes nothing out")
	}
}

func TestPlayKeepsWhatWasTypedWhereItIsRefused(t *testing.T) {
	w := smallStory(t)
	w.refuses = errors.New("amount: it is a number")
	r := playing(t, w).press("n", "n", "left", "down", "e", "x", "enter").sees("amount: it is a number", "50000x")
	w.refuses = nil
	if r.press("backspace", "1", "enter").seesNot("50000x"); w.acts[len(w.acts)-1].Typed != "500001" {
		t.Errorf("%+v", w.acts)
	}
	w.refuses = errors.New("the line is down")
	r.press("s").sees("it cannot be: the line is down")
}

func TestPlayMakesARecord(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).press("n", "n", "left", "+").sees("NEW RECORD on ana-7", "> deal/")
	r.press("7").press("enter").seesNot("NEW RECORD")
	want := []PlayAct{{Do: PlayCreate, Device: "ana-7", Typed: "deal/7"}}
	if !slices.Equal(w.acts, want) {
		t.Errorf("%+v, want %+v", w.acts, want)
	}
	w = smallStory(t)
	playing(t, w).press("n", "n", "+").sees("that is done on a device")
	w = smallStory(t)
	w.refuses = errors.New("write what is in it, too")
	playing(t, w).press("n", "n", "left", "+", "7", "enter").sees("! write what is in it, too", "> deal/7")
}

// TestPlayKeepsATextThatIsLeft for the same key, and only there.
func TestPlayKeepsATextThatIsLeft(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w).press("n", "n", "left", "down", "e", "7", "esc").sees("comes again")
	r.press("down", "e").sees("> north").press("esc", "up", "e").sees("> 50000").seesNot("500007")
	r.press("9", "esc", "e").sees("> 500009").press("enter")
	if len(w.acts) != 1 || w.acts[0].Typed != "500009" {
		t.Errorf("%+v", w.acts)
	}
}

// TestPlayEditsTextsOfSeveralLines, and what is not changed there is no step: a null would come out as an empty text.
func TestPlayEditsTextsOfSeveralLines(t *testing.T) {
	w := smallStory(t)
	for i := range w.views {
		for s := range w.views[i].Worlds {
			w.views[i].Worlds[s].Devices[0].Copies[0].Fields = document(t, `{"notes":"one\ntwo","none":null}`)
		}
	}
	r := playing(t, w).press("n", "n", "left", "down", "down", "e", "enter").sees("nothing was changed")
	r.press("down", "e").sees("notes of deal/D-1042", "one", "two", "ctrl+s").press("enter", "3", "ctrl+s")
	want := []PlayAct{{Do: PlayEdit, Device: "ana-7", Record: w.views[0].Worlds[0].Hub[0].Record, Path: "/notes", Typed: "one\ntwo\n3"}}
	if !slices.Equal(w.acts, want) {
		t.Errorf("%+v, want %+v", w.acts, want)
	}
}

func TestPlayOpensTheConflictOfTheStrategyShown(t *testing.T) {
	w := smallStory(t)
	r := playing(t, w, func(c *Config) { c.Ask = false }).press("n", "n", "n", "n")
	r.press("enter").wantScreen(onResolve).sees("PLAYGROUND deal", "RESOLVE deal/D-1042", "1 LEFT", "q back")
	if !slices.Equal(w.shown, []merge.Strategy{merge.FieldMerge}) {
		t.Errorf("shown are %v", w.shown)
	}
	w.went = nil
	r.press("1", "w", "s").wantScreen(onPlay).sees("written v5")
	w.wantWent(t, -1) // it looks again at what there is now
	r.press("enter", "q").wantScreen(onPlay)
	r.press("tab", "tab", "enter").wantScreen(onPlay).sees("nothing of this record waits for a person under last-write-wins")
	r.press("tab", "o").wantScreen(onQueue).sees("CONFLICTS")
	if last := w.shown[len(w.shown)-1]; last != merge.FieldMerge {
		t.Errorf("the queue is that of %s", last)
	}
	r.press("q").wantScreen(onPlay)
	r.press("shift+tab", "shift+tab", "enter").wantScreen(onResolve)
	if last := w.shown[len(w.shown)-1]; last != merge.OpReplay {
		t.Errorf("the conflict is that of %s", last)
	}
	if r.press("q", "q"); !r.quit {
		t.Error("q does not leave the playground")
	}
}

// TestPlayPages: where strategies have a page of their own, up and down go over it, and the sides bring the records back.
func TestPlayPages(t *testing.T) {
	r := playing(t, smallStory(t), func(c *Config) { c.Ask = false }).press("n", "n", "n", "n").size(40, 12)
	r.press("v").sees("HISTORY").press("v").sees(" amount", "LOST 50000").seesNot("HISTORY")
	r.press("down").sees(" status", "LOST closed").seesNot(" amount").press("up").sees(" amount")
	r.press("left").sees("[ana-7]", "deal/D-1042").seesNot("LOST")
	r.press("v", "c").sees("[ana-7]", "your step")
	r.size(120, 36).press("v").sees("LOST 50000").seesNot("[ana-7]").press("v").sees("[ana-7]", "LOST 50000")
}

func TestPlayTellsTheSameHistoryUnderEachStrategy(t *testing.T) {
	r := playing(t, smallStory(t), func(c *Config) { c.Ask = false }).press("n", "n", "n", "n")
	r.sees("? a person decides", "0 lost, 1 to decide", "LOST closed · ana", "LOST 50000 · ana", "50000 · ana", "? asks a person")
	r.press("tab", "tab").sees("[last-write-wins]", "ana on ana-7 ─ left out", "50000 of ana is lost", "touched amount")
	r.press("tab").sees("[field-merge]", "╰─ ana on ana-7 ─╯")
}

// TestPlayDrawsWhatBothCreated from nothing, and tells of a deletion in words.
func TestPlayDrawsWhatBothCreated(t *testing.T) {
	w := smallStory(t)
	for s := range w.views[5].Worlds {
		met := &w.views[5].Worlds[s].Meets[0]
		met.Base, met.Server = 0, 1
		met.Fates = []PlayFate{{Path: "", Local: `{"a":1}`, Kept: merge.Absent, LocalBy: "ana", ServerBy: "diaz", KeptBy: "diaz", Lost: []PlayLost{{Value: `{"a":1}`, By: "ana"}}}}
	}
	r := playing(t, w, func(c *Config) { c.Ask = false }).press("n", "n", "n", "n")
	r.sees("╭─ v1 ── v2", "╰─ ana on ana-7 ─", "deletion · diaz", "LOST edit · ana")
	r.press("tab", "tab").sees("the edit of ana is lost")
}

// playViews are the views of the playground that are looked at in every size.
func playViews(t testing.TB) map[string]*rig {
	quiet := func(c *Config) { c.Ask = false }
	refusing := smallStory(t)
	refusing.refuses = errors.New("amount: it is a number, not \"much\"; write amount:=JSON to change the type")
	return map[string]*rig{
		"play-start":  playing(t, smallStory(t)),
		"play-apart":  playing(t, smallStory(t)).press("n", "n", "n", "left"),
		"play-ask":    playing(t, smallStory(t)).press("tab", "tab", "n", "n", "n", "n"),
		"play-asked":  playing(t, smallStory(t)).press("n", "n", "n", "n", "3"),
		"play-lost":   playing(t, smallStory(t)).press("tab", "tab", "n", "n", "n", "n", "1"),
		"play-fates":  playing(t, smallStory(t), quiet).press("n", "n", "n", "n"),
		"play-edit":   playing(t, refusing).press("n", "n", "left", "down", "e", "enter"),
		"play-new":    playing(t, smallStory(t)).press("n", "n", "left", "+"),
		"play-branch": playing(t, branching(t), quiet).press("n"),
		"play-help":   playing(t, smallStory(t)).press("?"),
	}
}

// branching is a record with several branches, and four devices.
func branching(t testing.TB) *world {
	w := smallStory(t)
	key := w.views[5].Worlds[0].Hub[0].Record
	for i := range w.views {
		for s := range w.views[i].Worlds {
			one := &w.views[i].Worlds[s]
			one.Meets = []PlayMeet{
				{Record: key, Device: "ana-7", Step: 1, Base: 1, Server: 2, Version: 3, Outcome: "merged", LocalBy: "ana", ServerBy: "diaz",
					Fates: []PlayFate{{Path: "/tags", Kept: `["a","b"]`, KeptBy: "ana and diaz", Joined: true, LocalBy: "ana", ServerBy: "diaz", Rule: "set"}}},
				{Record: key, Device: "ben-4", Step: 1, Base: 2, Server: 4, Outcome: "superseded", LocalBy: "ben", ServerBy: "diaz"},
				{Record: key, Device: "lee-2", Step: 1, Base: 3, Server: 4, Outcome: "conflict", Waits: true, LocalBy: "lee", ServerBy: "diaz"},
			}
			one.Records = []PlayRecord{{Record: key, Conflict: 1, Versions: []PlayVersion{{Number: 1, By: "diaz"}, {Number: 2, By: "diaz"},
				{Number: 3, By: "ana", Merged: true}, {Number: 4, By: "diaz"}}}}
			for _, name := range []string{"ben-4", "lee-2"} {
				one.Devices = append(one.Devices, PlayDevice{Name: name, Person: name[:3], Ahead: 2 * time.Hour, Copies: one.Devices[0].Copies})
			}
		}
	}
	return w
}

func TestGoldenPlayViews(t *testing.T) {
	for name, r := range playViews(t) {
		for _, size := range [][2]int{{120, 36}, {80, 24}, {50, 20}, {40, 12}} {
			r.size(size[0], size[1])
			if name == "play-fates" {
				r.press("v") // a page of its own
			}
			file := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]))
			view := r.m.View() + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(view), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if view != string(want) {
				t.Errorf("%s is not as it was; run with -update and look at the difference\n%s", file, view)
			}
		}
	}
}

// TestPlayFitsEverySize draws every view in every size, also with names and values that a terminal would obey.
func TestPlayFitsEverySize(t *testing.T) {
	const evil = "\x1b]52;c;ZXZpbA==\a\r\u202eabc\u009b31m\x00\u200b\t{+x+}"
	hostile := func(keys ...string) *rig {
		w := apart(t, "dev"+evil, "who"+evil, "D"+"漢字\u202e1", `"\u001b]52;c;ZXZpbA==\u0007\r\u202eabc\u009b31m"`)
		for i := range w.views {
			w.views[i].Title, w.views[i].Lesson = evil, strings.Repeat(evil+" ", 9)
			for s := range w.views[i].Worlds {
				w.views[i].Worlds[s].Said = evil
			}
		}
		return playing(t, w, func(c *Config) { c.Ask = false }).press(keys...)
	}
	rigs := playViews(t)
	rigs["hostile"] = hostile("n", "n", "n", "n")
	rigs["hostile lost"] = hostile("n", "n", "n", "n", "tab", "tab")
	rigs["hostile ask"] = hostile("Q", "n", "n", "n", "n")
	rigs["hostile edit"] = hostile("n", "n", "left", "e")
	rigs["nothing"] = playing(t, &world{views: []PlayView{{}}}).press("n", "b", "G", "g", "e", "d", "enter", "up", "down", "left", "right", "a", "tab")
	lonely := PlayView{}
	lonely.Worlds[0] = PlayWorld{Hub: []PlayCopy{{Record: merge.Key{Collection: "a", ID: "1"}}}, Records: make([]PlayRecord, 1)}
	lonely.Worlds[1], lonely.Worlds[2] = lonely.Worlds[0], lonely.Worlds[0]
	rigs["no device"] = playing(t, &world{views: []PlayView{lonely}}).press("e", "down", "enter", "c")
	rigs["hostile colours"] = coloured(hostile("n", "n", "n"), "dark")
	rigs["colours"] = coloured(playing(t, smallStory(t)).press("n", "n", "n", "n", "3"), "light")
	for name, r := range rigs {
		for _, page := range []string{"", "v", "v"} {
			if page != "" && !strings.Contains(name, "edit") && !strings.Contains(name, "ask") && name != "play-help" {
				r.press(page)
			}
			for w := minWidth; w <= 240; w += 1 + w/12 {
				for h := minHeight; h <= 80; h += 1 + h/6 {
					r.size(w, h)
					view := r.m.View()
					check(t, name, view, w, h)
					if plain := withoutSGR(view); !strings.Contains(plain, "tab ") && !strings.Contains(plain, "esc ") {
						t.Fatalf("%s at %dx%d: no keys are on the screen:\n%s", name, w, h, view)
					}
				}
			}
		}
	}
}

func TestPlayInASCII(t *testing.T) {
	for _, keys := range [][]string{{}, {"n", "n", "n"}, {"n", "n", "n", "n"}, {"n", "n", "n", "n", "3"}, {"?"}} {
		view := playing(t, smallStory(t), func(c *Config) { c.ASCII = true }).press(keys...).m.View()
		for _, r := range view {
			if r > 0x7E {
				t.Errorf("after %q it holds %q:\n%s", keys, r, view)
				break
			}
		}
	}
}

func TestWrapWords(t *testing.T) {
	for _, tc := range []struct {
		text         string
		width, limit int
		want         string
	}{
		{"one two three", 20, 3, "one two three"},
		{"one two three", 8, 3, "one two|three"},
		{"one two three four", 8, 2, "one two|three…"},
		{"a  b", 8, 1, "a b"},
		{"unbreakable", 5, 2, "unbreakable"},
		{"", 5, 2, ""},
	} {
		var got []string
		for _, line := range wrapWords([]span{{0, "" + cellOf(tc.text)}}, tc.width, tc.limit, "…") {
			text := ""
			for _, s := range line {
				text += string(s.text)
			}
			got = append(got, text)
		}
		if strings.Join(got, "|") != tc.want {
			t.Errorf("%q in %d: %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
	// A word that goes over two roles stays in one piece.
	lines := wrapWords([]span{{0, "so "}, {1, "50000"}, {0, ", of ana"}}, 8, 3, "…")
	if len(lines) != 3 || lines[1][0] != (span{1, "50000"}) || lines[1][1] != (span{0, ","}) {
		t.Errorf("%+v", lines)
	}
}

// TestPlayRunStopsAtTheAnswer: what came of the question is read before the history goes on.
func TestPlayRunStopsAtTheAnswer(t *testing.T) {
	w := smallStory(t)
	last := w.views[5]
	last.At = 6
	for i := range w.views {
		w.views[i].Steps = append(slices.Clone(w.views[i].Steps), PlayStep{At: noon, Device: "ana-7", Person: "ana", Words: "syncs", Sync: true})
	}
	last.Steps = w.views[0].Steps
	w.views = append(w.views, last)
	r := playing(t, w).press("G").sees("WHICH VALUE SURVIVES?", "step 4 of 6")
	r.press("1").sees("No: neither by itself.", "step 5 of 6")
	r.press("G").sees("step 6 of 6")
}

// TestPlayExplainsTheRecordAtTheCursor, and not another one that the last step was of.
func TestPlayExplainsTheRecordAtTheCursor(t *testing.T) {
	w := smallStory(t)
	other := merge.Key{Collection: "account", ID: "A-1"}
	for i := range w.views {
		for s := range w.views[i].Worlds {
			one := &w.views[i].Worlds[s]
			one.Hub = append(slices.Clone(one.Hub), PlayCopy{Record: other, Version: 1, Fields: document(t, `{"a":1}`)})
			one.Records = append(slices.Clone(one.Records), PlayRecord{Record: other, Versions: []PlayVersion{{Number: 1, By: "diaz"}}})
			for d := range one.Devices {
				one.Devices[d].Copies = append(slices.Clone(one.Devices[d].Copies), PlayCopy{Record: other})
			}
		}
	}
	r := playing(t, w, func(c *Config) { c.Ask = false }).press("G").sees("step 5 of 5", "both changed status")
	r.press("down", "down", "down", "down", "down").sees("account/A-1", "No change of this record has met another one").seesNot("both changed status")
	r.press("tab", "tab").sees("[last-write-wins]").seesNot("wrote last")
	r.press("up").sees("diaz wrote last, at 09:40")
}

// TestPlayAsksWhereTheLaterRecordSurprises: under last-write-wins about a field that the side which loses alone changed.
func TestPlayAsksWhereTheLaterRecordSurprises(t *testing.T) {
	w := smallStory(t)
	for s := range w.views[4].Worlds {
		w.views[4].Worlds[s].Due[0].LocalAt = noon // after the server's
	}
	playing(t, w).press("tab", "tab").sees("[last-write-wins]").press("n", "n", "n", "n").sees("WHICH VALUE SURVIVES? notes")
}

// TestPlayTellsOfGroups: a field that one side alone changed is asked about with those of its group.
func TestPlayTellsOfGroups(t *testing.T) {
	w := smallStory(t)
	for s := range w.views[5].Worlds {
		met := &w.views[5].Worlds[s].Meets[0]
		met.Fates = slices.Clone(met.Fates)
		met.Fates[1].Asked = true // notes, which diaz alone changed
	}
	playing(t, w).press("n", "n", "n", "n", "3").sees("a person decides it with notes as one group")
}

// TestPlayAsksWithWholeValues where a small screen has the room: what is asked about is not on the screen besides.
func TestPlayAsksWithWholeValues(t *testing.T) {
	w := apart(t, "ana-7", "ana", "D-1042", `["dairy","a tag of some length","urgent"]`)
	r := playing(t, w, func(c *Config) { c.Ask = true }).size(50, 20).press("n", "n", "n", "n")
	r.sees("WHICH VALUE SURVIVES? status", `1  ["dairy", "a tag of some length", "urgent"]`, "ana at 09:14, on ana-7", "2  open", "3  neither by itself")
}

// TestPlayTellsAllOfALesson on a small screen, too.
func TestPlayTellsAllOfALesson(t *testing.T) {
	w := smallStory(t)
	w.views[1].Lesson = strings.Repeat("Each of them takes what the other one left. ", 6) + "The end."
	playing(t, w).size(50, 20).sees("The end.", "n begins", "deal/D-1042")
}

// TestPlayTellsOfHiddenRows: a table that is cut says so, where it has no line of its own for that.
func TestPlayTellsOfHiddenRows(t *testing.T) {
	r := playing(t, smallStory(t), func(c *Config) { c.Ask = false }).size(80, 24).press("G", "a").sees("step 5 of 5")
	r.sees("↓ 2 more   │").press("down", "down", "down", "down").sees("↑ 2 more   │")
}

// TestPlayPageTellsWholeValues: on the page of its own, what a strategy keeps is not cut to a line.
func TestPlayPageTellsWholeValues(t *testing.T) {
	w := apart(t, "ana-7", "ana", "D-1042", `["dairy","urgent","north"]`)
	r := playing(t, w, func(c *Config) { c.Ask = false }).size(80, 24).press("G").sees("step 5 of 5").seesNot(`"north"] · ana`)
	r.press("v").sees(`LOST ["dairy",`, `│ "urgent", "north"] │`)
}

// TestPlayTellsWhatTheStrategiesDo before one is seen at work, where there is room.
func TestPlayTellsWhatTheStrategiesDo(t *testing.T) {
	r := playing(t, smallStory(t)).size(80, 24)
	r.sees("last-write-wins the record that was written later wins", "field-merge joins field by field", "op-replay does each operation again")
	r.size(50, 20).press("v", "v").sees("field-merge joins field by field")
	r.size(80, 24).press("v").press("n", "n", "n", "n").seesNot("joins field by field")
}

// TestPlayTellsOfTheClockWhole on a small screen, and goes on telling it where G has nowhere to go.
func TestPlayTellsOfTheClockWhole(t *testing.T) {
	w := smallStory(t)
	met := &w.views[5].Worlds[merge.LastWriteWins].Meets[0]
	met.ByOwnClock, met.Ahead = true, 2*time.Hour
	r := playing(t, w, func(c *Config) { c.Ask = false }).size(50, 20).press("tab", "tab", "G")
	r.sees("own clock, 2h ahead", "corrects it.").press("G").sees("corrects it.")
}

package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// noon is the moment at which all tests happen.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// desk stands for whatever keeps the conflicts. It is a queue, too.
type desk struct {
	mu     sync.Mutex // commands of a running terminal come at once
	cases  map[int64]merge.Case
	drafts map[int64]merge.Draft
	saves  []merge.Draft
	asked  []merge.Query
	wrote  []merge.Writing
	undos  []merge.Written // as they were asked for
	reads  int             // of cases
	// savedBefore is how many drafts had been saved at each writing.
	savedBefore []int
	saveErr     error
	readErr     error
	// answer is what Resolve says instead of writing.
	answer error
	undo   error
}

func newDesk(cases ...merge.Case) *desk {
	d := &desk{cases: map[int64]merge.Case{}, drafts: map[int64]merge.Draft{}}
	for _, c := range cases {
		d.cases[c.Conflict.Number] = c
	}
	return d
}

func (d *desk) Case(_ context.Context, n int64) (merge.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	c, ok := d.cases[n]
	if !ok {
		return c, fmt.Errorf("conflict %d: %w", n, merge.ErrNotFound)
	}
	return c, d.readErr
}

func (d *desk) Draft(_ context.Context, n int64, person string) (merge.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if draft, ok := d.drafts[n]; ok {
		return draft, nil
	}
	return merge.Draft{Conflict: n, Person: person}, nil
}

func (d *desk) SaveDraft(_ context.Context, draft merge.Draft) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.saveErr != nil {
		return d.saveErr
	}
	d.drafts[draft.Conflict] = draft
	d.saves = append(d.saves, draft)
	return nil
}

func (d *desk) Resolve(_ context.Context, w merge.Writing) (merge.Written, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wrote = append(d.wrote, w)
	d.savedBefore = append(d.savedBefore, len(d.saves))
	c := d.cases[w.Conflict]
	switch {
	case d.answer != nil:
		return merge.Written{}, d.answer
	case c.Conflict.State == merge.Resolved:
		return merge.Written{}, merge.ErrClosed
	case c.Conflict.ServerVersion != w.ServerVersion || c.Conflict.Revision != w.Revision:
		return merge.Written{}, merge.ErrStale
	}
	c.Conflict.State = merge.Resolved
	d.cases[w.Conflict] = c
	return merge.Written{Conflict: w.Conflict, Record: c.Conflict.Record, Version: w.ServerVersion + 1,
		Resolution: int64(10 + len(d.wrote)), Result: w.Result}, nil
}

// undone are the resolutions that were asked to be undone.
func (d *desk) undone() []int64 {
	var all []int64
	for _, was := range d.undos {
		all = append(all, was.Resolution)
	}
	return all
}

func (d *desk) Undo(_ context.Context, was merge.Written, _ string) (merge.Written, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.undos = append(d.undos, was)
	if d.undo != nil {
		return merge.Written{}, d.undo
	}
	return merge.Written{Record: merge.Key{Collection: "deal", ID: "D-1042"}, Version: 6}, nil
}

func (d *desk) Snooze(_ context.Context, number int64, until time.Time) error {
	return d.put(number, merge.Snoozed, until)
}

func (d *desk) Wake(_ context.Context, number int64) error {
	return d.put(number, merge.Open, time.Time{})
}

func (d *desk) put(number int64, to merge.State, until time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.cases[number]
	if c.Conflict.State == merge.Resolved {
		return merge.ErrClosed
	}
	c.Conflict.State, c.Conflict.SnoozedUntil = to, until
	d.cases[number] = c
	return nil
}

func (d *desk) Counts(context.Context, string) (merge.Counts, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var n merge.Counts
	for _, c := range d.cases {
		switch c.Conflict.State {
		case merge.Open:
			n.Open++
		case merge.Snoozed:
			n.Snoozed++
		case merge.Resolved:
			n.Resolved++
		}
	}
	n.Drafts = int64(len(d.drafts))
	return n, d.readErr
}

// Groups counts what is alike, as a store does.
func (d *desk) Groups(_ context.Context, q merge.Query) ([]merge.Group, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var groups []merge.Group
	for _, n := range slices.Sorted(maps.Keys(d.cases)) {
		c := d.cases[n].Conflict
		if !d.chooses(c, q) {
			continue
		}
		at := slices.IndexFunc(groups, func(g merge.Group) bool { return inGroup(c, &g) })
		if at < 0 {
			at = len(groups)
			groups = append(groups, merge.Group{Collection: c.Record.Collection, Fields: c.Fields, Kind: c.Kind, LocalBy: c.LocalBy,
				Device: c.Device, First: n})
		}
		groups[at].Count++
	}
	slices.SortStableFunc(groups, func(a, b merge.Group) int { return int(b.Count - a.Count) })
	return groups, d.readErr
}

func inGroup(c merge.Conflict, g *merge.Group) bool {
	return g == nil || c.Record.Collection == g.Collection && slices.Equal(c.Fields, g.Fields) && c.Kind == g.Kind &&
		c.LocalBy == g.LocalBy && c.Device == g.Device
}

// Conflicts answers pages by place, as a store does by key.
func (d *desk) Conflicts(_ context.Context, q merge.Query) (merge.Page, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, q)
	if d.readErr != nil {
		return merge.Page{}, d.readErr
	}
	var numbers []int64
	for n, c := range d.cases {
		if d.chooses(c.Conflict, q) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	if q.Newest {
		slices.Reverse(numbers)
	}
	from, to := 0, len(numbers)
	if q.From != "" {
		var number int64
		_, _ = fmt.Sscan(string(q.From), &number)
		at, found := slices.BinarySearchFunc(numbers, number, func(a, b int64) int {
			if q.Newest {
				return cmp.Compare(b, a)
			}
			return cmp.Compare(a, b)
		})
		if q.Backward {
			to = at
		} else if from = at; found {
			from++
		}
	}
	if q.Backward {
		from = max(to-q.Limit, from)
	}
	to = min(to, from+q.Limit)
	p := merge.Page{Before: from > 0, After: to < len(numbers)}
	for _, n := range numbers[from:to] {
		p.Conflicts = append(p.Conflicts, d.cases[n].Conflict)
	}
	if to > from {
		p.First, p.Last = merge.Cursor(fmt.Sprint(numbers[from])), merge.Cursor(fmt.Sprint(numbers[to-1]))
	}
	return p, nil
}

func (d *desk) chooses(c merge.Conflict, q merge.Query) bool {
	_, draft := d.drafts[c.Number]
	return matches(c, q.Filter) && inGroup(c, q.Group) && (draft || !q.Drafts)
}

func matches(c merge.Conflict, f merge.Filter) bool {
	has := map[string]string{"state": c.State.String(), "collection": c.Record.Collection, "kind": c.Kind.String()}
	for name, value := range has {
		asked := slices.ContainsFunc(f.Terms, func(t merge.Term) bool { return t.Name == name })
		if asked && !f.Names(name, value) {
			return false
		}
	}
	return !slices.ContainsFunc(f.Terms, func(t merge.Term) bool { return t.Name == "" && !strings.Contains(c.Record.String(), t.Value) })
}

func document(t testing.TB, text string) merge.Document {
	t.Helper()
	if text == "" {
		return nil
	}
	d, err := merge.Canonical([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// conflict makes a case of three documents; an empty text is no record.
func conflict(t testing.TB, number int64, record, base, local, server string) merge.Case {
	t.Helper()
	key, err := merge.ParseKey(record)
	if err != nil {
		t.Fatal(err)
	}
	c := merge.Case{
		Sides:  merge.Sides{Base: document(t, base), Local: document(t, local), Server: document(t, server)},
		Base:   merge.Stamp{By: "office", At: noon.Add(-50 * time.Hour), Version: 3},
		Local:  merge.Stamp{By: "Ana", Device: "laptop", At: noon.Add(-3 * time.Hour)},
		Server: merge.Stamp{By: "Diaz", At: noon.Add(-26 * time.Hour), Version: 4},
	}
	r := c.Merge()
	c.Conflict = merge.Conflict{
		Number: number, Record: key, Kind: r.Kind, Fields: r.Conflicts(), BaseVersion: 3, ServerVersion: 4, Revision: 1,
		LocalBy: "Ana", Device: "laptop", LocalAt: c.Local.At, ServerBy: "Diaz", ServerAt: c.Server.At,
		OpenedAt: noon.Add(-70 * time.Hour),
	}
	return c
}

// deal is the smallest story: status is in conflict, amount and notes merge by themselves.
func deal(t testing.TB, number int64) merge.Case {
	t.Helper()
	return conflict(t, number, "deal/D-1042", `{"status":"negotiating","amount":40000,"region":"north"}`,
		`{"status":"closed","amount":50000,"region":"north"}`,
		`{"status":"open","amount":40000,"notes":"added","region":"north"}`)
}

// customer has five fields in conflict, six merged and some that nobody changed.
func customer(t testing.TB, number int64) merge.Case {
	t.Helper()
	return conflict(t, number, "customers/4182",
		`{"phone":"+1 555 0100 x2","address":"12 Kiln Rd","status":"lead","tags":["plumbing"],"visit_notes":"","email":"office@acme.example","next_visit":"2026-09-30","credit_limit":5000.00,"zip":"90201","photo_count":12,"owner":"ana","name":"Acme Plumbing","country":"US","vat":null,"rank":0,"active":true}`,
		`{"phone":"+1 555 0199","address":"12 Kiln Rd, Unit 4","status":"on-hold","tags":["plumbing","urgent"],"visit_notes":"Valve leaks, came back on Tuesday with the part; customer asked for an earlier slot next time","email":"ana@acme.example","next_visit":"2026-09-30","credit_limit":5000.00,"zip":"90210","photo_count":14,"owner":"ana","name":"Acme Plumbing","country":"US","vat":null,"rank":0,"active":true}`,
		`{"phone":"+1 555 0100","address":"12 Kiln Road","status":"active","tags":["plumbing","vip"],"visit_notes":"Replaced valve 3/4","email":"office@acme.example","next_visit":"2026-10-02","credit_limit":7500.00,"zip":"90210","photo_count":12,"owner":"m.diaz","name":"Acme Plumbing","country":"US","vat":null,"rank":0,"active":true}`)
}

// two has two fields in conflict, of which none merges.
func two(t testing.TB, number int64) merge.Case {
	t.Helper()
	return conflict(t, number, "deal/D-2", `{"a":"x","b":"y"}`, `{"a":"la","b":"lb"}`, `{"a":"sa","b":"sb"}`)
}

// rig drives the model: it feeds messages and runs what commands they return until none is left. There is no terminal
// and nobody sleeps.
type rig struct {
	t    testing.TB
	desk *desk
	m    tea.Model
	quit bool
	// hold keeps commands back, to be run in an order of the test's choosing.
	hold bool
	held []tea.Cmd
}

func newRig(t testing.TB, d *desk, change ...func(*Config)) *rig {
	t.Helper()
	c := Config{Queue: d, Desk: d, Snoozer: d, Person: "Ana", NoColor: true, Location: time.UTC, Now: func() time.Time { return noon }}
	for _, f := range change {
		f(&c)
	}
	do := newCommands(t.Context(), c, newSaver(d.SaveDraft, c.Now))
	do.later = func(_ time.Duration, msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
	do.beat = func() tea.Cmd { return nil } // tests send it
	r := &rig{t: t, desk: d, m: newModel(c, do)}
	r.run(r.m.Init())
	r.send(tea.WindowSizeMsg{Width: 120, Height: 36})
	return r
}

// on opens a conflict at once.
func on(number int64) func(*Config) { return func(c *Config) { c.Open = number } }

func (r *rig) send(msgs ...tea.Msg) *rig {
	r.t.Helper()
	for _, msg := range msgs {
		var cmd tea.Cmd
		r.m, cmd = r.m.Update(msg)
		if r.hold {
			r.held = append(r.held, cmd)
			continue
		}
		r.run(cmd)
	}
	return r
}

// run runs a command and all that come of it. Batches and sequences are taken apart; Bubble Tea does not export the
// latter.
func (r *rig) run(cmd tea.Cmd) {
	r.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.QuitMsg:
		r.quit = true
	case tea.BatchMsg:
		for _, c := range msg {
			r.run(c)
		}
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() {
				r.run(v.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		r.send(msg)
	}
}

// press sends keys, one message each: names of keys, or what is typed.
func (r *rig) press(keys ...string) *rig {
	r.t.Helper()
	for _, k := range keys {
		r.send(keyOf(k))
	}
	return r
}

var namedKeys = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
	"right": tea.KeyRight, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "ctrl+c": tea.KeyCtrlC,
	"ctrl+r": tea.KeyCtrlR, "ctrl+s": tea.KeyCtrlS, "ctrl+j": tea.KeyCtrlJ, "ctrl+u": tea.KeyCtrlU,
	"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
}

func keyOf(name string) tea.KeyMsg {
	if k, ok := namedKeys[name]; ok {
		return tea.KeyMsg{Type: k}
	}
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func (r *rig) root() model { return r.m.(model) }

func (r *rig) resolve() resolveModel { return r.root().resolve }

func (r *rig) size(w, h int) *rig { return r.send(tea.WindowSizeMsg{Width: w, Height: h}) }

// sees fails unless the screen says all of that.
func (r *rig) sees(texts ...string) *rig {
	r.t.Helper()
	view := r.m.View()
	for _, text := range texts {
		if !strings.Contains(view, text) {
			r.t.Errorf("the screen does not say %q:\n%s", text, view)
		}
	}
	return r
}

func (r *rig) seesNot(texts ...string) *rig {
	r.t.Helper()
	view := r.m.View()
	for _, text := range texts {
		if strings.Contains(view, text) {
			r.t.Errorf("the screen says %q:\n%s", text, view)
		}
	}
	return r
}

// choice is what is decided for a field of the conflict on the screen.
func (r *rig) choice(path string) merge.Choice { return r.resolve().draft.Decisions[path].Choice }

func (r *rig) wantChoice(path string, want merge.Choice) *rig {
	r.t.Helper()
	if got := r.choice(path); got != want {
		r.t.Errorf("decided for %s is %q, want %q", path, got, want)
	}
	return r
}

func (r *rig) wantScreen(want screen) *rig {
	r.t.Helper()
	if got := r.root().screen; got != want {
		r.t.Errorf("screen %d is shown, want %d:\n%s", got, want, r.m.View())
	}
	return r
}

var errBroken = errors.New("disk is on fire")

// focus is the path of the field at the cursor.
func (r *rig) focus() string {
	m := r.resolve()
	return m.focusedPath()
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/tui"
)

// errPlayLine is of a line that breaks because the story says so.
var errPlayLine = errors.New("the line broke")

// playMeet is a change that met a record which had moved, with what is needed to tell what became of it.
type playMeet struct {
	tui.PlayMeet
	key    string
	sides  merge.Sides
	rules  *merge.Rules
	change playChange
}

// playChange is what of a change line is looked at here.
type playChange struct {
	Key         string            `json:"key"`
	Record      merge.Key         `json:"record"`
	BaseVersion int64             `json:"base_version"`
	Local       merge.Document    `json:"local"`
	Operations  []merge.Operation `json:"operations"`
	LocalBy     string            `json:"local_by"`
	LocalAt     time.Time         `json:"local_at"`
}

// playWire is the line between a device and the hub: it takes note of what meets what, and breaks where it is to.
type playWire struct {
	*store.Store // the hub
	world        *playWorld
	device       *playDevice
	event        fixtures.Event
	delivered    int
	again        int
}

// Deliver hands changes over one by one.
func (x *playWire) Deliver(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
	var answers []store.Answer
	for _, line := range lines {
		if x.event.Trouble == fixtures.CutOff && x.delivered == x.event.Cut {
			return nil, errPlayLine
		}
		got, err := x.one(ctx, line)
		if err != nil {
			return nil, err
		}
		x.delivered++
		answers = append(answers, got)
	}
	if x.event.Trouble == fixtures.LostAnswer {
		return nil, errPlayLine
	}
	return answers, nil
}

func (x *playWire) one(ctx context.Context, line []byte) (store.Answer, error) {
	var c playChange
	if err := json.Unmarshal(line, &c); err != nil {
		return store.Answer{}, fmt.Errorf("read change: %w", err)
	}
	met, err := x.world.meet(ctx, x.device, c)
	if err != nil {
		return store.Answer{}, err
	}
	answers, err := x.Store.Deliver(ctx, [][]byte{line})
	if err != nil {
		return store.Answer{}, err
	}
	if x.world.keys[c.Key]++; x.world.keys[c.Key] > 1 {
		x.again++
		x.world.cameAgain(c.Key)
		return answers[0], nil
	}
	if met != nil {
		if err := x.world.became(ctx, met, answers[0]); err != nil {
			return store.Answer{}, err
		}
	}
	return answers[0], nil
}

// meet prepares what is known before the hub has a change; nil where the record has not moved.
func (w *playWorld) meet(ctx context.Context, d *playDevice, c playChange) (*playMeet, error) {
	log, err := w.hub.Log(ctx, c.Record)
	if err != nil && !errors.Is(err, merge.ErrNotFound) {
		return nil, err
	}
	if len(log) == 0 || w.keys[c.Key] > 0 || log[len(log)-1].Version == c.BaseVersion {
		return nil, nil
	}
	rules, err := w.hub.Rules(ctx, c.Record.Collection)
	if err != nil {
		return nil, err
	}
	m := &playMeet{key: c.Key, sides: sidesIn(log, c.BaseVersion, c.Local), rules: rules, change: c}
	head := log[len(log)-1]
	m.PlayMeet = tui.PlayMeet{Record: c.Record, Device: d.Name, Step: w.steps, Base: c.BaseVersion, Server: head.Version, LocalBy: c.LocalBy,
		ServerBy: head.By, LocalAt: c.LocalAt.Add(-d.ahead), ServerAt: head.EditedAt, Ahead: d.ahead}
	if m.ServerAt.IsZero() {
		m.ServerAt = head.At
	}
	for _, f := range meetingFields(m.sides, rules) {
		m.Fates = append(m.Fates, fateBefore(f, m.PlayMeet, log))
	}
	return m, nil
}

// sidesIn are the three sides of a change to a record with that log.
func sidesIn(log []store.Version, base int64, local merge.Document) merge.Sides {
	s := merge.Sides{Local: local, Server: log[len(log)-1].Fields}
	for _, v := range log {
		switch {
		case v.Version == base:
			s.Base = v.Fields
		case v.Version > base && v.Fields == nil && s.Server != nil:
			s.Recreated = true
		}
	}
	return s
}

// meetingFields are the fields that a side changed.
func meetingFields(s merge.Sides, rules *merge.Rules) []merge.Field {
	return merge.Record(s, rules).Fields
}

// fateBefore tells who changed a field.
func fateBefore(f merge.Field, m tui.PlayMeet, log []store.Version) tui.PlayFate {
	fate := tui.PlayFate{Path: f.Path, Base: f.Base, Local: f.Local, Server: f.Server, Rule: f.Rule}
	if !merge.Equal(f.Local, f.Base) {
		fate.LocalBy = m.LocalBy
	}
	if !merge.Equal(f.Server, f.Base) {
		fate.ServerBy = m.ServerBy
		for i := len(log) - 1; i > 0 && log[i].Version > m.Base; i-- {
			if touches(log[i].Changed, f.Path) {
				fate.ServerBy = log[i].By
				break
			}
		}
	}
	return fate
}

// touches reports whether one of the paths is a field, above it, or below it.
func touches(paths []string, path string) bool {
	for _, p := range paths {
		if p == path || strings.HasPrefix(p, path+"/") || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// became notes what the hub made of a change.
func (w *playWorld) became(ctx context.Context, m *playMeet, a store.Answer) error {
	w.meets = append(w.meets, m)
	m.Outcome, m.Conflict, m.Waits = string(a.Outcome), a.Conflict, a.Outcome == store.Conflicted
	if a.Outcome == store.Merged {
		m.Version = a.Version
	}
	log, err := w.hub.Log(ctx, m.Record)
	if err != nil {
		return err
	}
	head := log[len(log)-1]
	after := func(path string) (kept merge.Value, asked bool) { return valueAt(m.rules, head.Fields, path), false }
	if m.Waits {
		c, err := w.hub.Case(ctx, a.Conflict)
		if err != nil {
			return err
		}
		r := c.Merge()
		conflicts := r.Conflicts()
		// A change may build on one that waits, and then names another base than the line does.
		m.sides, m.Base, m.Fates = c.Sides, c.Base.Version, nil
		for _, f := range meetingFields(c.Sides, m.rules) {
			m.Fates = append(m.Fates, fateBefore(f, m.PlayMeet, log))
		}
		after = func(path string) (merge.Value, bool) {
			f, ok := r.Field(path)
			asked := touches(conflicts, path) || slices.Contains(conflicts, "")
			if ok && !asked {
				return f.Result, false // decided by itself, and written with the rest
			}
			return valueAt(m.rules, head.Fields, path), asked
		}
	}
	lost := lostIn(log, m)
	for i := range m.Fates {
		f := &m.Fates[i]
		f.Kept, f.Asked = after(f.Path)
		fateAfter(f, lost)
	}
	w.withoutIDs(m, head.Fields)
	w.byOwnClock(m)
	return nil
}

// lostIn are the values that the hub's own log says were not kept because of a change.
func lostIn(log []store.Version, m *playMeet) map[string][]tui.PlayLost {
	lost := map[string][]tui.PlayLost{}
	for _, v := range log {
		if v.Version != m.Version && (m.Outcome != string(store.Superseded) || v.Version != m.Server) {
			continue
		}
		for _, side := range v.NotKept {
			if v.Version == m.Server && side.By != m.LocalBy {
				continue // of an earlier change
			}
			for _, value := range side.Values {
				lost[value.Path] = append(lost[value.Path], tui.PlayLost{Value: value.Value, By: side.By})
			}
		}
	}
	return lost
}

// valueAt is a field of a document, or all of it.
func valueAt(rules *merge.Rules, d merge.Document, path string) merge.Value {
	if path == "" {
		return merge.Value(d)
	}
	return rules.Lookup(d, path)
}

// fateAfter tells what of a field was lost, and whose value was kept.
func fateAfter(f *tui.PlayFate, lost map[string][]tui.PlayLost) {
	for _, path := range slices.Sorted(maps.Keys(lost)) {
		if touches([]string{path}, f.Path) || path == "" {
			f.Lost = append(f.Lost, lost[path]...)
		}
	}
	for i := range f.Lost {
		if f.Lost[i].By == "" {
			f.Lost[i].By = f.ServerBy
		}
	}
	if !f.Asked {
		whose(f)
	}
}

// whose tells whose value was kept.
func whose(f *tui.PlayFate) {
	local := f.LocalBy != "" && merge.Equal(f.Kept, f.Local)
	server := f.ServerBy != "" && merge.Equal(f.Kept, f.Server)
	switch {
	case local && server && f.LocalBy != f.ServerBy:
		f.KeptBy = f.LocalBy + " and " + f.ServerBy
	case local:
		f.KeptBy = f.LocalBy
	case server:
		f.KeptBy = f.ServerBy
	case f.LocalBy != "" && f.ServerBy != "" && !merge.Equal(f.Kept, f.Base):
		f.KeptBy, f.Joined = f.LocalBy+" and "+f.ServerBy, true
	}
}

// withoutIDs tells what would have come of operations that are sent again and have nothing to be told by.
func (w *playWorld) withoutIDs(m *playMeet, head merge.Document) {
	if w.strategy != merge.OpReplay || m.Waits {
		return
	}
	operations := make([]merge.Operation, len(m.change.Operations))
	for i, op := range m.change.Operations {
		op.ID = ""
		operations[i] = op
	}
	sides := m.sides
	sides.Server = head
	r := merge.Replay(sides, operations, nil, m.rules)
	if r.Outcome == merge.RecordConflict {
		return
	}
	for i := range m.Fates {
		twice := m.rules.Lookup(r.Document, m.Fates[i].Path)
		if m.Fates[i].Path != "" && !merge.Equal(twice, m.Fates[i].Kept) {
			m.Fates[i].Twice = &twice
		}
	}
}

// byOwnClock tells whether the device's own clock would have let another side win.
func (w *playWorld) byOwnClock(m *playMeet) {
	if w.strategy == merge.LastWriteWins && m.Ahead != 0 {
		m.ByOwnClock = m.LocalAt.After(m.ServerAt) != m.change.LocalAt.After(m.ServerAt)
	}
}

// exchangeInWords says what came of an exchange. That no change is unaccounted for goes without saying here, where values
// that a strategy loses are told one by one.
func exchangeInWords(t store.Tally, missing int64, s merge.Strategy) string {
	said := count(t.Records, "version", "versions") + " came in"
	if t.Changes() > 0 {
		words := usualOutcomes
		if s == merge.LastWriteWins {
			words = wholeOutcomes
		}
		said = count(t.Changes(), "change", "changes") + tallyParts(t, 0, words) + "; " + said
	}
	if missing > 0 {
		said += lostWord(t, missing)
	}
	return said
}

// cameTwice counts the deliveries of changes that the hub had already.
func (w *playWorld) cameTwice() int64 {
	n := 0
	for _, times := range w.keys {
		n += times - 1
	}
	return int64(n)
}

func (w *playWorld) cameAgain(key string) {
	for _, m := range w.meets {
		if m.key == key {
			m.Again++
		}
	}
}

// wasResolved notes that a person decided on what waited of a record.
func (w *playWorld) wasResolved(ctx context.Context, key merge.Key, version int64, person string) {
	head, err := w.hub.Get(ctx, key)
	for _, m := range w.meets {
		if err != nil || m.Record != key || !m.Waits {
			continue
		}
		m.Waits, m.Resolved = false, version
		for i := range m.Fates {
			f := &m.Fates[i]
			if !f.Asked {
				continue
			}
			f.Decided = person
			f.Kept = valueAt(m.rules, head.Fields, f.Path)
		}
	}
}

func (w *playWorld) wasUndone(key merge.Key) {
	for _, m := range w.meets {
		if m.Record != key || m.Resolved == 0 {
			continue
		}
		m.Waits, m.Resolved = true, 0
		for i := range m.Fates {
			m.Fates[i].Decided = ""
		}
	}
}

// sync has a device exchange with the hub, and says what came of it.
func (w *playWorld) sync(ctx context.Context, d *playDevice, e fixtures.Event) (string, error) {
	if !d.up {
		return "", fmt.Errorf("the line of %s is down", d.Name)
	}
	wire := &playWire{Store: w.hub, world: w, device: d, event: e}
	report, err := replicate.Sync(ctx, d.store, wire, nil)
	switch {
	case errors.Is(err, errPlayLine) && e.Trouble == fixtures.LostAnswer:
		return fmt.Sprintf("the hub has %s, but its answer got lost: %s does not know, and will send again",
			count(int64(wire.delivered), "change", "changes"), d.Name), w.settle(ctx, d)
	case errors.Is(err, errPlayLine):
		return fmt.Sprintf("the line broke after %s: %s does not know how far it came, and will send all again",
			count(int64(wire.delivered), "change", "changes"), d.Name), w.settle(ctx, d)
	case err != nil:
		return "", err
	}
	status, err := w.hub.Status(ctx, "")
	if err != nil {
		return "", err
	}
	said := exchangeInWords(report.Tally(), status.Lost, w.strategy)
	if wire.again > 0 {
		said = fmt.Sprintf("%s came again: the same answer, and no second effect; in all %s",
			count(int64(wire.again), "change", "changes"), said)
	}
	return said, w.settle(ctx, d)
}

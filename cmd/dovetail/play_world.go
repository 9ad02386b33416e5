package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// playWorld is a hub and its devices under one strategy: databases like any other, in a directory of their own. The same
// steps make the same world.
type playWorld struct {
	dir      string
	scenario fixtures.Scenario
	strategy merge.Strategy
	clock    time.Time // what it is
	steps    int       // how many have been played
	hub      *store.Store
	hubIDs   int
	devices  []*playDevice
	records  []merge.Key
	meets    []*playMeet
	decided  map[merge.Key]merge.Writing // not written yet
	keys     map[string]int              // how often each change came
	said     string                      // what came of the last step
	refused  bool
}

// playDevice is a replica with its owner. A desktop is one that exchanges by itself whenever it has a line.
type playDevice struct {
	fixtures.Device
	store *store.Store
	up    bool
	ahead time.Duration
	ids   int
}

// playStep is one step of a history: an event of the scenario, or a person's own.
type playStep struct {
	fixtures.Event
	at        time.Time
	own       bool
	decisions merge.Decisions // of a resolve from the screens
	undo      bool            // of a resolve: it is taken back
	creates   bool            // of a write: the record must not be there
	person    string
	note      string
}

// newPlayWorld makes the world as it is before the first step, in a directory that is not there.
func newPlayWorld(ctx context.Context, dir string, scenario fixtures.Scenario, strategy merge.Strategy,
	start time.Time) (*playWorld, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the playground: %w", err)
	}
	w := &playWorld{dir: dir, scenario: scenario, strategy: strategy, clock: start, records: scenario.Records(),
		decided: map[merge.Key]merge.Writing{}, keys: map[string]int{}}
	if err := w.begin(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *playWorld) begin(ctx context.Context) (err error) {
	options := store.Options{Now: func() time.Time { return w.clock }, NewID: func() string {
		w.hubIDs++
		return fmt.Sprintf("hub/%d", w.hubIDs)
	}}
	path := filepath.Join(w.dir, "hub.db")
	if w.hub, err = store.Create(ctx, path, options); err != nil {
		return err
	}
	if err := w.setManners(ctx); err != nil {
		return err
	}
	for i, d := range w.scenario.Devices {
		one := &playDevice{Device: d, up: true}
		w.devices = append(w.devices, one)
		options := store.Options{Now: func() time.Time { return w.clock.Add(one.ahead) }, NewID: one.newID}
		file := filepath.Join(w.dir, fmt.Sprintf("device%d.db", i))
		if one.store, err = store.CreateReplica(ctx, file, path, "", options); err != nil {
			return err
		}
	}
	return w.settle(ctx, nil)
}

// playAll plays the whole story.
func (w *playWorld) playAll(ctx context.Context) error {
	start := w.clock
	for _, e := range w.scenario.Events {
		if err := w.play(ctx, playStep{Event: e, at: start.Add(e.At)}); err != nil {
			return fmt.Errorf("play %s: %w", w.scenario.Name, err)
		}
	}
	return nil
}

// newID gives the device's name to its replica, which asks for one before anything else has an id.
func (d *playDevice) newID() string {
	d.ids++
	if d.store == nil {
		return d.Name
	}
	return fmt.Sprintf("%s/%d", d.Name, d.ids)
}

// setManners says how each collection is joined.
func (w *playWorld) setManners(ctx context.Context) error {
	seen := map[string]bool{}
	for _, s := range w.scenario.Schemas {
		if _, err := w.hub.SetSchema(ctx, s.Collection, s.Text, ""); err != nil {
			return err
		}
	}
	for _, key := range w.records {
		if seen[key.Collection] {
			continue
		}
		seen[key.Collection] = true
		if err := w.hub.SetStrategy(ctx, key.Collection, w.strategy); err != nil {
			return err
		}
	}
	return nil
}

func (w *playWorld) close() error {
	var errs []error
	for _, d := range w.devices {
		if d.store != nil {
			errs = append(errs, d.store.Close())
		}
	}
	if w.hub != nil {
		errs = append(errs, w.hub.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(w.dir))...)
}

func (w *playWorld) device(name string) *playDevice {
	for _, d := range w.devices {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// play has a step happen. A step that cannot happen in this world changes nothing, and the reason is what is said.
func (w *playWorld) play(ctx context.Context, s playStep) error {
	w.clock = s.at
	w.steps++
	said, err := "", error(nil)
	if s.Verb < fixtures.Sync {
		err = w.know(ctx, s.Record)
	}
	if err == nil {
		said, err = w.do(ctx, s)
	}
	w.said, w.refused = said, err != nil
	if err != nil {
		w.said = err.Error()
	}
	return ctx.Err()
}

func (w *playWorld) do(ctx context.Context, s playStep) (string, error) {
	d := w.device(s.Device)
	if d == nil && s.Verb != fixtures.Resolve {
		return "", fmt.Errorf("there is no device %q", s.Device)
	}
	switch s.Verb {
	case fixtures.LineDown, fixtures.LineUp:
		return w.line(ctx, d, s.Verb == fixtures.LineUp)
	case fixtures.SetClock:
		d.ahead = s.Clock
		return fmt.Sprintf("the clock of %s is %s", d.Name, clockInWords(s.Clock)), nil
	case fixtures.Sync:
		return w.sync(ctx, d, s.Event)
	case fixtures.Decide:
		return w.decide(ctx, d.Person, s)
	case fixtures.Resolve:
		return w.resolve(ctx, d, s)
	}
	return w.edit(ctx, d, s)
}

// know has a record that the story does not tell of among those that are looked at. Its collection is joined as the others.
func (w *playWorld) know(ctx context.Context, key merge.Key) error {
	if slices.Contains(w.records, key) {
		return nil
	}
	if !slices.ContainsFunc(w.records, func(k merge.Key) bool { return k.Collection == key.Collection }) {
		if err := w.hub.SetStrategy(ctx, key.Collection, w.strategy); err != nil {
			return err
		}
	}
	w.records = append(w.records, key)
	return nil
}

// clockInWords says how wrong a clock is.
func clockInWords(ahead time.Duration) string {
	way := " ahead"
	if ahead < 0 {
		way, ahead = " behind", -ahead
	}
	switch {
	case ahead == 0:
		return "right"
	case ahead%time.Hour == 0:
		return fmt.Sprintf("%dh%s", ahead/time.Hour, way)
	case ahead%time.Minute == 0:
		return fmt.Sprintf("%dm%s", ahead/time.Minute, way)
	}
	return ahead.String() + way
}

func (w *playWorld) line(ctx context.Context, d *playDevice, up bool) (string, error) {
	if d.up == up {
		return "", fmt.Errorf("the line of %s is %s already", d.Name, map[bool]string{true: "up", false: "down"}[up])
	}
	d.up = up
	switch {
	case !up:
		return "from now on " + d.Name + " is alone: what it changes waits, what others change it does not see", nil
	case d.Desktop:
		return w.sync(ctx, d, fixtures.Event{})
	}
	return "the line is back; a sync sends what waits", nil
}

// edit changes a record on a device. A desktop with a line looks first, and sends at once.
func (w *playWorld) edit(ctx context.Context, d *playDevice, s playStep) (string, error) {
	e := s.Event
	if d.Desktop && d.up {
		if _, err := replicate.Sync(ctx, d.store, w.hub, nil); err != nil {
			return "", err
		}
	}
	head, err := d.store.Get(ctx, e.Record)
	if err != nil && !errors.Is(err, merge.ErrNotFound) {
		return "", err
	}
	if s.creates && head.Fields != nil {
		return "", fmt.Errorf("%s is on %s already: e changes it", e.Record, d.Name)
	}
	rules, err := w.hub.Rules(ctx, e.Record.Collection)
	if err != nil {
		return "", err
	}
	after, steps, err := e.Apply(head.Fields, rules)
	if err != nil {
		return "", err
	}
	edit := store.Edit{Record: e.Record, Version: head.Version, Revision: head.Revision, Fields: after, Steps: steps,
		By: d.Person, Device: d.Name, At: w.clock.Add(d.ahead)}
	if d.Desktop && d.up && !head.Pending && d.ahead == 0 {
		return w.writeAtOnce(ctx, edit)
	}
	if _, err = d.store.Write(ctx, edit); err != nil {
		return "", err
	}
	if d.Desktop && d.up {
		return w.sync(ctx, d, fixtures.Event{})
	}
	if _, waits, err := d.store.Waiting(ctx, e.Record); err != nil || !waits {
		return "nothing is left to send: " + d.Name + " has it as it was at the server", err
	}
	return "it waits on " + d.Name + " until that syncs", nil
}

// writeAtOnce has a desktop write to the hub, which it has just looked at.
func (w *playWorld) writeAtOnce(ctx context.Context, e store.Edit) (string, error) {
	e.Steps, e.Revision = nil, 0
	made, err := w.hub.Write(ctx, e)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("it is at the server at once, as v%d", made.Version), w.settle(ctx, nil)
}

// settle lets those exchange that do so by themselves, but for one that just did.
func (w *playWorld) settle(ctx context.Context, but *playDevice) error {
	for _, d := range w.devices {
		if d == but || !d.Desktop || !d.up {
			continue
		}
		if _, err := replicate.Sync(ctx, d.store, w.hub, nil); err != nil {
			return err
		}
	}
	return nil
}

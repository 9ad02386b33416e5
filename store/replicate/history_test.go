package replicate_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// collections are one for each way to join changes. Nobody deletes in the last two, and their only field is a number
// that everybody adds to: what was added by all is what has to come out.
var collections = []string{"fields", "latest", "replay", "sum", "count"}

const (
	opSum       = "sum"   // added by operations
	counterSum  = "count" // added by the policy of the field
	recordsEach = 1
)

// device is one replica, with its file.
type device struct {
	s     *store.Store
	path  string
	clock *clock
}

// world is a hub with its replicas, driven by a history.
type world struct {
	t       testing.TB
	dir     string
	clock   *clock
	hub     *store.Store
	devices []*device
	late    [][][]byte
	hits    map[string]int
	log     []string
	values  int64
	ids     int64
	added   map[string]int64 // to each number of opSum and counterSum
	// told is the last value that a device gave a field and did not give another one or take away since.
	told   map[string]string
	copied bool
}

func newWorld(t testing.TB, dir string, devices int, hits map[string]int) *world {
	w := &world{t: t, dir: dir, hits: hits, added: map[string]int64{}, told: map[string]string{},
		clock: &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}}
	var err error
	if w.hub, err = store.Create(t.Context(), filepath.Join(dir, "hub.db"), w.options(w.clock)); err != nil {
		t.Fatal(err)
	}
	for collection, strategy := range map[string]merge.Strategy{"latest": merge.LastWriteWins, "replay": merge.OpReplay, opSum: merge.OpReplay} {
		w.must(w.hub.SetStrategy(t.Context(), collection, strategy))
	}
	_, err = w.hub.SetSchema(t.Context(), counterSum, merge.Document(`{"properties":{"n":{"default":0,"type":"number","x-merge":"counter"}}}`), "")
	w.must(err)
	_, err = w.hub.SetSchema(t.Context(), "fields", merge.Document(`{"properties":{"f2":{"x-merge":"server"},"f3":{"x-merge":"latest"}}}`), "")
	w.must(err)
	for _, collection := range collections {
		for i := range recordsEach {
			w.write(w.hub, store.Edit{Record: record(collection, i), Fields: merge.Document(`{"n":0}`), By: "office"})
		}
	}
	for i := range devices {
		d := &device{path: filepath.Join(dir, fmt.Sprintf("d%d.db", i)),
			clock: &clock{at: w.clock.at.Add(time.Duration(i*i*37) * time.Minute)}}
		if d.s, err = store.CreateReplica(t.Context(), d.path, w.hub.Info().Path, "", w.options(d.clock)); err != nil {
			t.Fatal(err)
		}
		w.devices = append(w.devices, d)
		w.exchange(d, fixtures.Trouble{})
	}
	return w
}

func record(collection string, i int) merge.Key {
	return merge.Key{Collection: collection, ID: strconv.Itoa(i)}
}

func (w *world) options(c *clock) store.Options {
	return store.Options{Now: c.now, NewID: func() string { w.ids++; return fmt.Sprintf("id-%d", w.ids) }}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\nafter %s", err, strings.Join(w.log, "\n"))
	}
}

func (w *world) note(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

func (w *world) close() {
	w.must(w.hub.Close())
	for _, d := range w.devices {
		w.must(d.s.Close())
	}
}

func (w *world) write(s *store.Store, e store.Edit) bool {
	_, err := s.Write(w.t.Context(), e)
	if errors.Is(err, merge.ErrNotFound) {
		return false
	}
	w.must(err)
	return true
}

// play does one event.
func (w *world) play(e fixtures.Move) {
	d := w.devices[e.Device]
	w.note("%v %+v", e.Act, e)
	switch e.Act {
	case fixtures.EditOffline:
		w.edit(d.s, e.Device, e)
	case fixtures.EditHub:
		w.edit(w.hub, -1, e)
	case fixtures.AddOffline:
		w.add(d.s, e)
	case fixtures.AddHub:
		w.add(w.hub, e)
	case fixtures.CreateRecord:
		w.create(d.s, e)
	case fixtures.DeleteRecord:
		w.delete(d.s, e.Device, e)
	case fixtures.DeleteHub:
		w.delete(w.hub, -1, e)
	case fixtures.Exchange:
		w.exchange(d, e.Trouble)
	case fixtures.ResolveHub:
		w.resolve(w.hub, e, fmt.Sprintf("person-%d", e.Person))
	case fixtures.ResolveOffline:
		w.resolve(d.s, e, fmt.Sprintf("owner-%d", e.Device))
	case fixtures.UndoHub:
		w.undoHub(e)
	case fixtures.UndoOffline:
		w.undoOffline(d.s, e)
	case fixtures.Restart:
		w.restart(e)
	case fixtures.CopyDevice:
		w.copy(e)
	case fixtures.MoveClock:
		d.clock.at = d.clock.at.Add(time.Duration(e.Amount) * time.Second)
	}
}

// edit gives a field a value that no other edit has.
func (w *world) edit(s *store.Store, device int, e fixtures.Move) {
	key := record(collections[e.Record%3], e.Record/3%recordsEach)
	r, err := s.Get(w.t.Context(), key)
	if err != nil || r.Deleted {
		return
	}
	w.values++
	path, value := fmt.Sprintf("/f%d", e.Field), merge.Value(fmt.Sprintf(`"v%d"`, w.values))
	op := merge.Operation{Verb: merge.SetField, Path: path, Value: value, Was: merge.Lookup(r.Fields, path)}
	doc, err := merge.Perform(r.Fields, []merge.Operation{op})
	w.must(err)
	if w.write(s, store.Edit{Record: key, Version: r.Version, Revision: r.Revision, Fields: doc, By: fmt.Sprintf("by-%d", device),
		Steps: []merge.Operation{op}}) {
		w.told[fmt.Sprintf("%d %s %s", device, key, path)] = string(value)
	}
}

func (w *world) add(s *store.Store, e fixtures.Move) {
	key := record(collections[3+e.Record%2], e.Record/2%recordsEach)
	r, err := s.Get(w.t.Context(), key)
	w.must(err)
	op := merge.Operation{Verb: merge.IncrementField, Path: "/n", Value: merge.Value(strconv.FormatInt(e.Amount, 10))}
	doc, err := merge.Perform(r.Fields, []merge.Operation{op})
	w.must(err)
	if w.write(s, store.Edit{Record: key, Version: r.Version, Revision: r.Revision, Fields: doc, By: "adder", Steps: []merge.Operation{op}}) {
		w.added[key.String()] += e.Amount
	}
}

// create makes a record that is not there: one of a few names, so that two devices may choose the same.
func (w *world) create(s *store.Store, e fixtures.Move) {
	key := record(collections[e.Record%3], recordsEach+e.Record/3%2)
	r, err := s.Get(w.t.Context(), key)
	if err == nil && !r.Deleted {
		return
	}
	w.values++
	path, value := fmt.Sprintf("/f%d", e.Field), merge.Value(fmt.Sprintf(`"v%d"`, w.values))
	doc, err := merge.With(merge.Document("{}"), path, value)
	w.must(err)
	if w.write(s, store.Edit{Record: key, Version: r.Version, Revision: r.Revision, Fields: doc, By: "maker"}) {
		w.told[fmt.Sprintf("%d %s %s", e.Device, key, path)] = string(value)
	}
}

func (w *world) delete(s *store.Store, device int, e fixtures.Move) {
	key := record(collections[e.Record%3], e.Record/3%(recordsEach+2))
	r, err := s.Get(w.t.Context(), key)
	if err != nil || r.Deleted {
		return
	}
	w.write(s, store.Edit{Record: key, Version: r.Version, Revision: r.Revision, By: "remover",
		Steps: []merge.Operation{{Verb: merge.DeleteRecord}}})
	for field := range 4 {
		delete(w.told, fmt.Sprintf("%d %s /f%d", device, key, field))
	}
}

// exchange syncs over a bad line; what fails there is no error.
func (w *world) exchange(d *device, trouble fixtures.Trouble) bool {
	l := &line{hub: func() *store.Store { return w.hub }, r: rand.New(rand.NewPCG(trouble.Seed, 2)), t: trouble, late: &w.late, hits: w.hits}
	report, err := replicate.Sync(w.t.Context(), d.s, l, nil)
	w.note("  %+v %v", report, err)
	switch {
	case errors.Is(err, errCrash):
		w.reopen(d)
	case err != nil && !errors.Is(err, errLine):
		w.must(err)
	}
	return err == nil && report.Pushed == 0 && report.Pulled == 0
}

func (w *world) reopen(d *device) {
	w.must(d.s.Close())
	var err error
	d.s, err = store.Open(w.t.Context(), d.path, w.options(d.clock))
	w.must(err)
}

func (w *world) restart(e fixtures.Move) {
	if e.Pick%3 > 0 {
		w.reopen(w.devices[e.Device])
		return
	}
	w.must(w.hub.Close())
	var err error
	w.hub, err = store.Open(w.t.Context(), filepath.Join(w.dir, "hub.db"), w.options(w.clock))
	w.must(err)
}

// copy puts the file of one device in the place of a new one.
func (w *world) copy(e fixtures.Move) {
	if w.copied {
		return
	}
	d := w.devices[e.Device]
	w.must(d.s.Close())
	twin := &device{path: filepath.Join(w.dir, "copy.db"), clock: &clock{at: d.clock.at.Add(time.Hour)}}
	w.must(copyFile(twin.path, d.path))
	w.copied = true
	var err error
	d.s, err = store.Open(w.t.Context(), d.path, w.options(d.clock))
	w.must(err)
	twin.s, err = store.Open(w.t.Context(), twin.path, w.options(twin.clock))
	w.must(err)
	w.devices = append(w.devices, twin)
	w.hits["copied"]++
}

// copyFile copies a database that nobody has open.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}

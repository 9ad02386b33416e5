// Package world is a hub with its replicas and the people who use them, for tests of what lies between them. It plays
// histories, and looks then for all that was ever said.
package world

import (
	"errors"
	"fmt"
	"io"
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

// Network is what lies between the replicas and their hub.
type Network interface {
	// Hub is the hub of a world as one of its devices reaches it, with so much that goes wrong on the way.
	Hub(w *World, trouble fixtures.Trouble) replicate.Hub
	// Lost reports whether an error is of the way, and of nothing else.
	Lost(err error) bool
}

// Looker is a [Network] that looks at a world when its history is over and everybody has come to rest.
type Looker interface {
	Look(w *World)
}

// ErrCrash is the error of a network that says that the device stopped, and starts again from its file.
var ErrCrash = errors.New("the device stopped")

// Device is one replica, with its file.
type Device struct {
	s     *store.Store
	path  string
	clock *Clock
}

// World is a hub with its replicas, driven by a history.
type World struct {
	Hub     *store.Store
	Devices []*Device
	Hits    map[string]int // what happened, and how often
	Log     []string

	t       testing.TB
	network Network
	dir     string
	clock   *Clock
	values  int64
	ids     int64
	added   map[string]int64 // to each number of opSum and counterSum
	// told is the last value that a device gave a field and did not give another one or take away since.
	told   map[string]string
	copied bool
}

// Looking is a world that only looks at databases.
func Looking(t testing.TB) *World { return &World{t: t} }

// New makes a world in a directory that is empty. What happens is counted in hits.
func New(t testing.TB, dir string, devices int, network Network, hits map[string]int) *World {
	w := &World{t: t, dir: dir, network: network, Hits: hits, added: map[string]int64{}, told: map[string]string{}}
	w.lay(beginningOf(t, devices))
	return w
}

func record(collection string, i int) merge.Key {
	return merge.Key{Collection: collection, ID: strconv.Itoa(i)}
}

func (w *World) options(c *Clock) store.Options {
	return store.Options{Now: c.Now, NewID: func() string { w.ids++; return fmt.Sprintf("id-%d", w.ids) }}
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\nafter %s", err, strings.Join(w.Log, "\n"))
	}
}

// Note writes down what happens.
func (w *World) Note(format string, args ...any) { w.Log = append(w.Log, fmt.Sprintf(format, args...)) }

// Close closes all databases.
func (w *World) Close() {
	w.must(w.Hub.Close())
	for _, d := range w.Devices {
		w.must(d.s.Close())
	}
}

func (w *World) write(s *store.Store, e store.Edit) bool {
	_, err := s.Write(w.t.Context(), e)
	if errors.Is(err, merge.ErrNotFound) {
		return false
	}
	w.must(err)
	return true
}

// Play does one event.
func (w *World) Play(e fixtures.Move) {
	d := w.Devices[e.Device]
	w.Note("%v %+v", e.Act, e)
	switch e.Act {
	case fixtures.EditOffline:
		w.edit(d.s, e.Device, e)
	case fixtures.EditHub:
		w.edit(w.Hub, -1, e)
	case fixtures.AddOffline:
		w.add(d.s, e)
	case fixtures.AddHub:
		w.add(w.Hub, e)
	case fixtures.CreateRecord:
		w.create(d.s, e)
	case fixtures.DeleteRecord:
		w.delete(d.s, e.Device, e)
	case fixtures.DeleteHub:
		w.delete(w.Hub, -1, e)
	case fixtures.Exchange:
		w.Exchange(d, e.Trouble)
	case fixtures.ResolveHub:
		w.resolve(w.Hub, e, fmt.Sprintf("person-%d", e.Person))
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
		d.clock.At = d.clock.At.Add(time.Duration(e.Amount) * time.Second)
	}
}

// edit gives a field a value that no other edit has.
func (w *World) edit(s *store.Store, device int, e fixtures.Move) {
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

func (w *World) add(s *store.Store, e fixtures.Move) {
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
func (w *World) create(s *store.Store, e fixtures.Move) {
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

func (w *World) delete(s *store.Store, device int, e fixtures.Move) {
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

// Exchange has a device sync; what fails on the way is no error. It reports whether there was nothing more to say.
func (w *World) Exchange(d *Device, trouble fixtures.Trouble) bool {
	report, err := replicate.Sync(w.t.Context(), d.s, w.network.Hub(w, trouble), nil)
	w.Note("  %+v %v", report, err)
	switch {
	case errors.Is(err, ErrCrash):
		w.reopen(d)
	case err != nil && !w.network.Lost(err):
		w.must(err)
	}
	return err == nil && report.Pushed == 0 && report.Pulled == 0
}

func (w *World) reopen(d *Device) {
	w.must(d.s.Close())
	var err error
	d.s, err = store.Open(w.t.Context(), d.path, w.options(d.clock))
	w.must(err)
}

func (w *World) restart(e fixtures.Move) {
	if e.Pick%3 > 0 {
		w.reopen(w.Devices[e.Device])
		return
	}
	w.must(w.Hub.Close())
	var err error
	w.Hub, err = store.Open(w.t.Context(), w.file(0), w.options(w.clock))
	w.must(err)
}

// copy puts the file of one device in the place of a new one.
func (w *World) copy(e fixtures.Move) {
	if w.copied {
		return
	}
	d := w.Devices[e.Device]
	w.must(d.s.Close())
	twin := &Device{path: filepath.Join(w.dir, "copy.db"), clock: &Clock{At: d.clock.At.Add(time.Hour)}}
	w.must(CopyFile(twin.path, d.path))
	w.copied = true
	var err error
	d.s, err = store.Open(w.t.Context(), d.path, w.options(d.clock))
	w.must(err)
	twin.s, err = store.Open(w.t.Context(), twin.path, w.options(twin.clock))
	w.must(err)
	w.Devices = append(w.Devices, twin)
	w.Hits["copied"]++
}

// CopyFile copies a database that nobody has open.
func CopyFile(to, from string) error {
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
